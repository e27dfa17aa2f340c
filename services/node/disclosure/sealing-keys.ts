import { readdir } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { deriveKey, publicKeys } from '../../../protocols/identity/derive.ts';
import { readSeedFile } from '../../keys/index.ts';
import { homePaths } from '../home.ts';

/** A key that opens sealed copies. */
export interface SealingKey {
  /** did:key, as the charter names it. */
  readonly to: string;
  /** X25519, 32 bytes. */
  readonly secret: Uint8Array;
}

/** Of the home's seed, then of those it had before: what was sealed to a key stays sealed to it. */
export async function sealingKeys(home: string): Promise<readonly SealingKey[]> {
  const { seed } = homePaths(home);
  const former = (await readdir(dirname(seed))).filter((name) =>
    name.startsWith(`${basename(seed)}.former-`),
  );
  const seeds = await Promise.all([seed, ...former.map((name) => join(home, name))].map(readSeedFile));
  return seeds.map((each) => ({ to: publicKeys(each).sealing, secret: deriveKey(each, 'sealing') }));
}
