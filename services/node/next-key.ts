import { access, copyFile, rename } from 'node:fs/promises';
import { hasErrno, OversightError } from '../../protocols/base/errors.ts';
import { deriveKey, publicKeys } from '../../protocols/identity/derive.ts';
import { memberKey } from '../../protocols/identity/did-key.ts';
import { signingPublicKey } from '../../protocols/identity/ed25519.ts';
import { type Member, member } from '../../protocols/kinds/index.ts';
import { readStored } from '../../protocols/message/index.ts';
import { RecordFold } from '../../protocols/record/index.ts';
import { createSeedFile, nativeSha256, readSeedFile } from '../keys/index.ts';
import { Ledger, ProcessLock } from '../ledger/index.ts';
import { homePaths, readCharterFile, readHome, writeJson } from './home.ts';

/**
 * Makes the seed that the node is to have next, beside the one it has, and its entry to propose.
 * @throws OversightError `home-exists` while another waits already
 */
export async function prepareNextKey(home: string): Promise<Member> {
  const paths = homePaths(home);
  const { self } = await readHome(home);
  const seed = await createSeedFile(paths.nextSeed);
  const entry = member.parse({ ...self, keys: publicKeys(seed) });
  await writeJson(paths.nextMember, entry);
  return entry;
}

/**
 * Takes up the next seed once the charter in force names its key, as this node's own ledger has it. The old one is
 * kept beside it. A step that was cut off is finished.
 * @returns whether the node has a new key now
 * @throws OversightError `home-in-use`
 */
export async function adoptNextKey(home: string, { force = false } = {}): Promise<boolean> {
  const paths = homePaths(home);
  if (!(await exists(paths.nextSeed))) {
    if (await exists(paths.nextMember)) await rename(paths.nextMember, paths.member);
    return false;
  }
  const key = signingKeyOf(await readSeedFile(paths.nextSeed));
  using _ = new ProcessLock(paths.lock);
  using ledger = new Ledger(paths.ledger);
  if (!force && !(await isMembers(paths.charter, ledger, key))) return false;
  const old = signingKeyOf(await readSeedFile(paths.seed));
  await copyFile(paths.seed, `${paths.seed}.former-${old.slice(-8)}`);
  // from here on nothing is signed with the old key, so what it reserved will never be said
  ledger.forgetReservations();
  await rename(paths.nextSeed, paths.seed);
  await rename(paths.nextMember, paths.member);
  return true;
}

function signingKeyOf(seed: Uint8Array) {
  return memberKey(signingPublicKey(deriveKey(seed, 'signing')));
}

async function isMembers(charter: string, ledger: Ledger, key: string): Promise<boolean> {
  const fold = new RecordFold(await readCharterFile(charter), { sha256: nativeSha256 });
  for (const { wire } of ledger.rows(0)) fold.add(readStored(wire, nativeSha256));
  return fold.charter().document.members.some(({ keys }) => keys.signing === key);
}

async function exists(path: string): Promise<boolean> {
  try {
    await access(path);
    return true;
  } catch (error) {
    if (hasErrno(error, 'ENOENT')) return false;
    throw new OversightError('permission-denied', `cannot look for ${path}`, { cause: error });
  }
}
