import { toHex, utf8 } from '../../../protocols/base/bytes.ts';
import {
  formatTlogProof,
  formatVkey,
  noteVerifier,
  parseTlogProofUnverified,
  type VerifiedTlogProof,
  verifyTlogProof,
} from '../../../protocols/feed/index.ts';
import { AUTHOR, CHECKPOINT, COSIGNATURE, LOG_KEY, WITNESS_KEY } from './checkpoint.ts';
import { entryOf, treeOf } from './tree.ts';

const tree = treeOf(3);
const proofOf = (index: number, extra: Uint8Array | null = null) =>
  formatTlogProof({ index, path: tree.inclusionProof(index), extra }, CHECKPOINT);

function accepted(): Record<string, readonly [string, number]> {
  return {
    first: [proofOf(0), 0],
    last: [proofOf(2), 2],
    'with-extra-data': [proofOf(1, utf8('extra')), 1],
  };
}

function refused(): Record<string, readonly [string, number]> {
  const file = proofOf(1);
  const changed: Record<string, string> = {
    empty: '',
    'version-2': file.replace('@v1', '@v2'),
    'carriage-return': file.replace('\n', '\r\n'),
    'no-index': file.replace('index 1\n', ''),
    'index-with-a-leading-zero': file.replace('index 1', 'index 01'),
    'extra-data-empty': file.replace('index', 'extra \nindex'),
    'extra-data-not-base64': file.replace('index', 'extra a\nindex'),
    'extra-data-after-the-index': file.replace('index 1\n', 'index 1\nextra YQ==\n'),
    'hash-short': file.replace('index 1\n', 'index 1\nYQ==\n'),
    'too-many-hashes': file.replace('index 1\n', `index 1\n${`${'A'.repeat(43)}=\n`.repeat(64)}`),
    'no-checkpoint': `${file.split('\n\n')[0]}\n\n`,
    'size-missing': file.replace('\n3\n', '\n'),
    'other-log': file.replaceAll(LOG_KEY.name, 'example.com/log'),
    'not-signed-by-the-log': file.replace(`\u2014 ${LOG_KEY.name}`, '\u2014 stranger'),
    'other-size': file.replace('\n3\n', '\n4\n'),
    'cosignature-changed': file.replace(/(?<=\u2014 analog-oversight\/witness\S+ .{30})./, (letter) =>
      letter === 'A' ? 'B' : 'A',
    ),
    'other-index': file.replace('index 1', 'index 0'),
    'index-past-the-end': file.replace('index 1', 'index 3'),
    'hash-missing': file.replace(/(?<=index 1\n)\S+\n/, ''),
  };
  return {
    ...Object.fromEntries(Object.entries(changed).map(([id, proof]) => [id, [proof, 1] as const])),
    'other-entry': [file, 2],
  };
}

const TRUST = {
  log: noteVerifier(LOG_KEY, AUTHOR.ed25519),
  witnesses: [noteVerifier(WITNESS_KEY, AUTHOR.ed25519)],
};

function verify(proof: string, entry: Uint8Array) {
  const parsed = parseTlogProofUnverified(utf8(proof));
  return parsed.ok ? verifyTlogProof(parsed.value, entry, TRUST) : parsed;
}

function summary({ index, checkpoint, cosignatures }: VerifiedTlogProof) {
  if (cosignatures.length !== 1 || cosignatures[0]?.keyId !== COSIGNATURE.keyId)
    throw new TypeError('not the one cosignature');
  return {
    index,
    size: checkpoint.size,
    root: toHex(checkpoint.root),
    cosigned: cosignatures.map(({ name }) => name),
  };
}

export function buildTlogProof() {
  return {
    log: formatVkey(LOG_KEY),
    witness: formatVkey(WITNESS_KEY),
    accepted: Object.entries(accepted()).map(([id, [proof, entry]]) => {
      const result = verify(proof, entryOf(entry));
      if (!result.ok) throw new TypeError(`refused: ${id}: ${result.detail}`);
      return { id, proof, entry: toHex(entryOf(entry)), ...summary(result.value) };
    }),
    refused: Object.entries(refused()).map(([id, [proof, entry]]) => {
      const result = verify(proof, entryOf(entry));
      if (result.ok) throw new TypeError(`accepted: ${id}`);
      return { id, proof, entry: toHex(entryOf(entry)), refusal: result.reason };
    }),
  };
}
