import { buildArtifacts } from './artifacts.ts';
import { buildCharter } from './charter.ts';
import { buildCheckpoint } from './checkpoint.ts';
import { buildCodec } from './codec.ts';
import { buildDisclosure } from './disclosure.ts';
import { buildEd25519 } from './ed25519.ts';
import { buildEd25519Published } from './ed25519-published.ts';
import { buildMessage } from './message.ts';
import { buildCid, buildDerive, buildDidKey } from './names.ts';
import { buildOversight } from './oversight.ts';
import { buildPins } from './pins.ts';
import { buildRecord } from './record.ts';
import { buildReleases } from './releases.ts';
import { buildTile } from './tile.ts';
import { buildTlogProof } from './tlog-proof.ts';
import { buildTree } from './tree.ts';
import { buildControlSeeds, buildDecision, buildExactTests } from './verdict.ts';
import { buildWitness } from './witness.ts';

/** What each file of protocols/vectors holds, made from the code. */
export const VECTORS = {
  'artifacts.json': buildArtifacts,
  'charter.json': buildCharter,
  'checkpoint.json': buildCheckpoint,
  'cid.json': buildCid,
  'codec.json': buildCodec,
  'control-seeds.json': buildControlSeeds,
  'decision.json': buildDecision,
  'derive.json': buildDerive,
  'did-key.json': buildDidKey,
  'disclosure.json': buildDisclosure,
  'ed25519-published.json': buildEd25519Published,
  'ed25519.json': buildEd25519,
  'exact-tests.json': buildExactTests,
  'message.json': buildMessage,
  'oversight.json': buildOversight,
  'pins.json': buildPins,
  'record.json': buildRecord,
  'releases.json': buildReleases,
  'tile.json': buildTile,
  'tlog-proof.json': buildTlogProof,
  'tree.json': buildTree,
  'witness.json': buildWitness,
} as const satisfies Record<string, () => object>;

export function renderVectors(build: () => object): string {
  return `${JSON.stringify(build(), null, 1)}\n`;
}
