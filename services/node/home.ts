import { randomBytes } from 'node:crypto';
import { mkdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { toHex } from '../../protocols/base/bytes.ts';
import { hasErrno, OversightError } from '../../protocols/base/errors.ts';
import { type Charter, readGenesis } from '../../protocols/charter/index.ts';
import { deriveKey, publicKeys } from '../../protocols/identity/derive.ts';
import { memberKey } from '../../protocols/identity/did-key.ts';
import { signingPublicKey } from '../../protocols/identity/ed25519.ts';
import { type Member, member } from '../../protocols/kinds/index.ts';
import { firstIssue } from '../../protocols/message/index.ts';
import { createSeedFile, readSeedFile } from '../keys/index.ts';
import { type InitialChoices, initialConfig, type NodeConfig, nodeConfig } from './config.ts';

/** The files of a node's home directory. */
export function homePaths(home: string) {
  return {
    /** 32-byte seed in hexadecimal, mode 0600. Back it up; never copy it to a second running node. */
    seed: join(home, 'seed'),
    /** The owner's token for the gateway's writes, mode 0600. */
    token: join(home, 'token'),
    /** What guarded reads ask for, mode 0600; there once a node has run with `gateway.reads` `token`. */
    readToken: join(home, 'read-token'),
    config: join(home, 'config.json'),
    /** This node's entry for a charter: public keys only. */
    member: join(home, 'member.json'),
    /** The seed that `oversight keys rotate` made, and its entry, until an amendment names its key. */
    nextSeed: join(home, 'seed.next'),
    nextMember: join(home, 'member.next.json'),
    charter: join(home, 'charter.json'),
    ledger: join(home, 'ledger.sqlite'),
    /** What this node has cosigned as a witness. Back it up with the seed. */
    witness: join(home, 'witness.sqlite'),
    /** Subscriptions of webhooks, and how far each has been served. */
    webhooks: join(home, 'webhooks.sqlite'),
    content: join(home, 'content'),
    evidence: join(home, 'evidence'),
    /** What stood in fields that this node withheld, with the salts that open them, mode 0600. Back it up with the seed. */
    withheld: join(home, 'withheld'),
    /** Held by the process that runs the node. */
    lock: join(home, 'lock'),
    /** Where the running node can be reached; absent while it does not run. */
    running: join(home, 'node.json'),
  };
}

export interface MemberChoices {
  readonly name: string;
  readonly organisation: string;
  readonly roles: readonly Member['roles'][number][];
}

/**
 * Makes the home of a new node: seed, token, configuration, charter entry.
 * @throws OversightError `home-exists`, `argument-invalid`
 */
export async function initHome(home: string, who: MemberChoices, choices: InitialChoices): Promise<Member> {
  const paths = homePaths(home);
  const entry = member.safeParse({ ...who, keys: publicKeys(new Uint8Array(32)) });
  if (!entry.success) throw new OversightError('argument-invalid', firstIssue(entry.error.issues));
  await mkdir(home, { recursive: true, mode: 0o700 });
  const seed = await createSeedFile(paths.seed);
  const self = member.parse({ ...who, keys: publicKeys(seed) });
  await writeFile(paths.token, `${toHex(randomBytes(24))}\n`, { mode: 0o600 });
  await writeJson(paths.config, initialConfig(choices));
  await writeJson(paths.member, self);
  return self;
}

export interface Joined {
  readonly charter: Charter;
  /** False: the first charter does not name this node; an amendment may. */
  readonly isFounder: boolean;
}

/**
 * Puts a federation's first charter into the home. A node that it does not name reads, and speaks once an amendment
 * names it.
 */
export async function joinHome(home: string, charterFile: string): Promise<Joined> {
  const paths = homePaths(home);
  const seed = await readHomeSeed(home);
  const charter = await readCharterFile(charterFile);
  await refuseSecondFederation(paths.charter, charter);
  const self = memberKey(signingPublicKey(deriveKey(seed, 'signing')));
  await writeJson(paths.charter, charter.document);
  return { charter, isFounder: charter.members.has(self) };
}

/** A home holds the feeds of one federation. @throws OversightError `home-exists` */
async function refuseSecondFederation(path: string, { id }: Charter): Promise<void> {
  let there: Charter;
  try {
    there = await readCharterFile(path);
  } catch (error) {
    if (error instanceof OversightError && error.code === 'charter-not-found') return;
    throw error;
  }
  if (there.id !== id) throw new OversightError('home-exists', `this home has joined federation ${there.id}`);
}

/** @throws OversightError `charter-not-found`, `charter-invalid` */
export async function readCharterFile(path: string): Promise<Charter> {
  const charter = readGenesis(await readJson(path, 'charter-not-found', 'charter-invalid'));
  if (!charter.ok) throw new OversightError('charter-invalid', `${path}: ${charter.detail}`);
  return charter.value;
}

export interface Home {
  readonly paths: ReturnType<typeof homePaths>;
  readonly seed: Uint8Array;
  readonly token: string;
  readonly config: NodeConfig;
  readonly charter: Charter;
  readonly self: Member;
}

/** Reads a home that has joined a federation. */
export async function readHome(home: string): Promise<Home> {
  const paths = homePaths(home);
  const seed = await readHomeSeed(home);
  const config = nodeConfig.safeParse(await readJson(paths.config, 'home-not-found', 'config-invalid'));
  if (!config.success) {
    throw new OversightError('config-invalid', `${paths.config}: ${firstIssue(config.error.issues)}`);
  }
  if (config.data.libp2p === null && config.data.nats === null) {
    throw new OversightError('config-invalid', `${paths.config}: neither libp2p nor nats is configured`);
  }
  const charter = await readCharterFile(paths.charter);
  const self = await readMember(paths.member, seed);
  const token = (await readFile(paths.token, 'utf8')).trim();
  return { paths, seed, token, config: config.data, charter, self };
}

/** @throws OversightError `config-invalid` unless the entry is that of the seed */
async function readMember(path: string, seed: Uint8Array): Promise<Member> {
  const entry = member.safeParse(await readJson(path, 'home-not-found', 'config-invalid'));
  if (!entry.success)
    throw new OversightError('config-invalid', `${path}: ${firstIssue(entry.error.issues)}`);
  if (entry.data.keys.signing !== memberKey(signingPublicKey(deriveKey(seed, 'signing'))))
    throw new OversightError('config-invalid', `${path} is the entry of another seed`);
  return entry.data;
}

async function readHomeSeed(home: string): Promise<Uint8Array> {
  try {
    return await readSeedFile(homePaths(home).seed);
  } catch (error) {
    if (error instanceof OversightError && hasErrno(error.cause, 'ENOENT')) {
      throw new OversightError('home-not-found', `${home} is not a node's home; make one: oversight init`, {
        cause: error,
      });
    }
    throw error;
  }
}

async function readJson(
  path: string,
  missing: 'charter-not-found' | 'home-not-found',
  malformed: 'charter-invalid' | 'config-invalid',
): Promise<unknown> {
  let text: string;
  try {
    text = await readFile(path, 'utf8');
  } catch (error) {
    if (hasErrno(error, 'ENOENT'))
      throw new OversightError(missing, `${path} does not exist`, { cause: error });
    throw new OversightError(malformed, `cannot read ${path}`, { cause: error });
  }
  try {
    return JSON.parse(text) as unknown;
  } catch (error) {
    throw new OversightError(malformed, `${path} is not JSON`, { cause: error });
  }
}

/** Written beside and renamed, so that a reader sees all of it or none. */
export async function writeJson(path: string, value: unknown): Promise<void> {
  const temporary = `${path}.${process.pid}.tmp`;
  try {
    await writeFile(temporary, `${JSON.stringify(value, null, 2)}\n`);
    await rename(temporary, path);
  } finally {
    await rm(temporary, { force: true });
  }
}
