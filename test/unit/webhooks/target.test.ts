import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { isPublicAddress } from '../../../services/webhooks/addresses.ts';
import { Post } from '../../../services/webhooks/post.ts';
import { parseTarget, type Resolve } from '../../../services/webhooks/target.ts';
import { freshFolder } from '../../support/fresh-folder.ts';
import { EventSource, openDesk } from '../../support/webhooks/desk.ts';
import { Receiver, SECRET } from '../../support/webhooks/receiver.ts';

const { signal } = new AbortController();
const leadsTo =
  (...addresses: string[]): Resolve =>
  (_, done) =>
    done(
      null,
      addresses.map((address) => ({ address, family: address.includes(':') ? 6 : 4 })),
    );

describe('addresses', () => {
  test.each(['1.1.1.1', '8.8.8.8', '172.32.0.1', '100.128.0.1', '2606:4700::1111', '2a00:1450::1'])(
    '%s is public',
    (address) => expect(isPublicAddress(address)).toBe(true),
  );
  test.each([
    '0.0.0.0',
    '10.1.2.3',
    '100.64.0.1',
    '127.0.0.1',
    '127.255.255.254',
    '169.254.169.254',
    '172.16.0.1',
    '172.31.255.255',
    '192.168.1.1',
    '198.18.0.1',
    '224.0.0.1',
    '255.255.255.255',
    '::',
    '::1',
    '::ffff:8.8.8.8',
    '::ffff:127.0.0.1',
    '64:ff9b::7f00:1',
    '2001::1',
    '2001:db8::1',
    '2002:7f00:1::',
    'fc00::1',
    'fe80::1',
    'fe80::1%eth0',
    'ff02::1',
    'localhost',
    '',
  ])('%s is not', (address) => expect(isPublicAddress(address)).toBe(false));
});

describe('targets', () => {
  const strict = { isPrivateAllowed: false, resolve: leadsTo('93.184.216.34') };
  test.each([
    ['http://example.org/', 'url-invalid'],
    ['ftp://example.org/', 'url-invalid'],
    ['https://user@example.org/', 'url-invalid'],
    ['https://example.org/#part', 'url-invalid'],
    ['nonsense', 'url-invalid'],
    ['https://127.0.0.1/', 'address-private'],
    ['https://2130706433/', 'address-private'],
    ['https://0x7f.1/', 'address-private'],
    ['https://[::1]/', 'address-private'],
    ['https://[::ffff:10.0.0.1]/', 'address-private'],
  ])('%s is refused', (url, reason) => expect(parseTarget(url, strict)).toMatchObject({ ok: false, reason }));

  test('a name is refused where any of its addresses is private', async () => {
    const path = join(await freshFolder(), 'webhooks.sqlite');
    for (const [addresses, reason] of [
      [['93.184.216.34', '10.0.0.1'], 'address-private'],
      [[], 'address-unknown'],
    ] as const) {
      const { desk, file } = openDesk(path, new EventSource(), {
        isPrivateAllowed: false,
        resolve: leadsTo(...addresses),
      });
      await expect(
        desk.add({ url: 'https://hooks.example/', filter: {}, secret: SECRET, after: 0 }),
      ).rejects.toMatchObject({ code: 'request-refused', details: { reason } });
      await desk[Symbol.asyncDispose]();
      file[Symbol.dispose]();
    }
  });

  test('a name that changes after it was checked is looked at again before a connection', async () => {
    await using receiver = await Receiver.start();
    const { port } = new URL(receiver.url);
    using post = new Post(new URL(`http://hooks.example:${port}/`), {
      isPrivateAllowed: false,
      resolve: leadsTo('127.0.0.1'),
    });
    await expect(post.send({}, '{}', { signal })).rejects.toMatchObject({ code: 'address-private' });
    expect(receiver.tries).toBe(0);
  });
});
