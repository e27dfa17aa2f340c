import { expect, onTestFinished, test } from 'vitest';
import { Dialer } from '../../../services/network/libp2p/dialer.ts';
import { until } from '../../support/until.ts';

const PEER = '12D3KooWDpJ7As7BWAwRMfu1VU2WCqNjvq387JEYKDBj4kx6nXTN';
const ADDRESS = `/ip4/127.0.0.1/tcp/4001/p2p/${PEER}`;
const OTHER_ADDRESS = `/ip4/127.0.0.1/tcp/4002/p2p/${PEER}`;

/** A dialler whose dials all fail, and what they were given. */
function failing() {
  const dials: string[][] = [];
  const dialer = new Dialer({
    dial: (addresses) => {
      dials.push(addresses.map(String));
      return Promise.reject(new Error('nobody there'));
    },
    isConnected: () => false,
    admits: () => true,
  });
  onTestFinished(() => dialer[Symbol.asyncDispose]());
  return { dialer, dials };
}

test('the first dial already has the address', () => {
  const { dialer, dials } = failing();
  dialer.connect([ADDRESS]);
  expect(dials).toEqual([[ADDRESS]]);
});

test('a dial that fails is tried again, at every address that is known, one loop a peer', async () => {
  const { dialer, dials } = failing();
  dialer.connect([ADDRESS, OTHER_ADDRESS]);
  dialer.connect([ADDRESS]);
  await until(() => dials.length >= 2);
  expect(dials[1]?.toSorted()).toEqual([ADDRESS, OTHER_ADDRESS]);
});

test('an address that names no peer is refused', () => {
  const { dialer } = failing();
  expect(() => dialer.connect(['/ip4/127.0.0.1/tcp/4001'])).toThrow('does not end in /p2p/');
  expect(() => dialer.connect(['nowhere'])).toThrow('not a multiaddr');
});
