import { describe, expect, it } from 'vitest';
import { BoundedMap } from '../../../services/network/bounded-map.ts';
import { Counters, NETWORK_COUNTS } from '../../../services/network/counters.ts';
import { Standing } from '../../../services/network/relay/standing.ts';
import { TokenBuckets } from '../../../services/network/relay/token-bucket.ts';

describe('BoundedMap', () => {
  it('forgets what was used longest ago', () => {
    const map = new BoundedMap<string, number>(2);
    map.set('a', 1);
    map.set('b', 2);
    expect(map.get('a')).toBe(1);
    map.set('c', 3);
    expect([map.get('a'), map.get('b'), map.get('c')]).toEqual([1, undefined, 3]);
    expect(map.size).toBe(2);
  });

  it('holds one entry a key', () => {
    const map = new BoundedMap<string, number>(2);
    for (let i = 0; i < 5; i++) map.set('a', i);
    expect(map.size).toBe(1);
    expect(map.get('a')).toBe(4);
  });
});

describe('TokenBuckets', () => {
  it('grants the burst, then the rate, each peer for itself', () => {
    let now = 0;
    const buckets = new TokenBuckets({ perSecond: 2, burst: 3 }, 10, () => now);
    expect([1, 2, 3, 4].map(() => buckets.take('a'))).toEqual([true, true, true, false]);
    expect(buckets.take('b')).toBe(true);
    now = 500;
    expect([buckets.take('a'), buckets.take('a')]).toEqual([true, false]);
    now = 60_000;
    expect([1, 2, 3, 4].map(() => buckets.take('a'))).toEqual([true, true, true, false]);
  });
});

describe('Standing', () => {
  it('blocks at the third garbage in a row and then starts anew', () => {
    const standing = new Standing(10, () => 0);
    const garbage = () => standing.offend('a', 'garbage');
    expect([garbage(), garbage(), garbage(), garbage()]).toEqual([false, false, true, false]);
    expect(standing.offend('b', 'garbage')).toBe(false);
  });

  it('forgives with time', () => {
    let now = 0;
    const standing = new Standing(10, () => now);
    const results = Array.from({ length: 20 }, () => {
      now += 60_000;
      return standing.offend('a', 'garbage');
    });
    expect(results).not.toContain(true);
  });
});

describe('Counters', () => {
  it('start at zero and hold each name', () => {
    const counters = new Counters();
    counters.add('published');
    counters.add('published');
    expect(Object.keys(counters.snapshot())).toEqual([...NETWORK_COUNTS]);
    expect(counters.snapshot()).toMatchObject({ published: 2, blocked: 0 });
  });
});
