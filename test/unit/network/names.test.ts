import { describe, expect, it } from 'vitest';
import { memberKey } from '../../../protocols/identity/did-key.ts';
import { didKeyOf, peerIdOf } from '../../../services/network/index.ts';
import { subjectsOf, token } from '../../../services/network/nats/subjects.ts';

const KEY = memberKey(new Uint8Array(32).fill(7));

describe('peer names', () => {
  it('go from did:key to peer id and back', () => {
    const peerId = peerIdOf(KEY);
    expect(peerId).toMatch(/^12D3KooW/);
    expect(didKeyOf(peerId)).toBe(KEY);
  });

  it.each([
    ['empty', ''],
    ['no peer id', 'hello'],
    ['an RSA peer id', 'QmYyQSo1c1Ym7orWxLYvCrM2EmxFTANf8wXmmE7DWjhx5N'],
    ['a did:key', KEY],
  ])('give null for %s', (_, text) => {
    expect(didKeyOf(text)).toBeNull();
  });

  it('refuse a did:key of another kind', () => {
    expect(() => peerIdOf('did:key:z6LSbysY2xFMRpGMhb7tFTLMpeuPRaqaWM1yECx2AtzE3KCc')).toThrow(
      expect.objectContaining({ code: 'argument-invalid' }),
    );
  });
});

describe('NATS subjects', () => {
  it('are made of federation, kind and author', () => {
    const subjects = subjectsOf('bafyfederation');
    expect(subjects.message('finding/1', KEY)).toBe(
      `oversight.bafyfederation.finding-1.${KEY.slice('did:key:'.length)}`,
    );
    expect(subjects.all).toBe('oversight.bafyfederation.>');
    expect(subjects.stream).toBe('oversight-bafyfederation');
    expect(subjects.sync(KEY)).toBe(`oversight-sync.bafyfederation.${KEY.slice('did:key:'.length)}`);
    expect(subjects.durable(KEY)).toBe(`node-${KEY.slice('did:key:'.length)}`);
  });

  it.each(['>', '*', 'a.b', 'a b', '', 'a\r\nPUB x 0', '💥', 'x'.repeat(500), '$JS.API.STREAM.DELETE.x'])(
    'never contain the text %j',
    (text) => {
      expect(token(text)).toMatch(/^x[0-9a-f]{64}$/);
      const subject = subjectsOf('f').message(text, text);
      expect(subject.split('.')).toHaveLength(4);
      expect(subject).toMatch(/^[A-Za-z0-9_.-]+$/);
    },
  );
});
