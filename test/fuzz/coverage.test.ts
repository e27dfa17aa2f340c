import { describe, expect, it } from 'vitest';
import { sourcesUnder } from '../architecture/files.ts';
import { TARGETS } from '../support/fuzz/index.ts';

/** Functions by these names take what others made; the steps of an audit ask its source, and judge by them. */
const DECODER =
  /^export (?:async )?function\*? ((?:parse|decode|read|open|verify|split)[A-Z]\w*|open)\b(?!\(audit: AuditCase)/gm;
const FOLDERS = [
  'protocols',
  'services/checkpoints',
  'services/gateway',
  'services/ledger',
  'services/network',
  'services/verifier/importers',
  'services/witness',
];

/** Not driven by a target, and why. */
const NOT_FUZZED: Readonly<Record<string, string>> = {
  'protocols/identity/web-ed25519.ts#verifyStrictWeb':
    'asked for every published vector, here and in Chromium',
  'services/checkpoints/directory.ts#readLeaves': 'reads the publisher’s own files in pieces',
  'services/checkpoints/directory.ts#readExactly': 'reads bytes of a file',
  'services/checkpoints/http/car.ts#openCar': 'writes blocks of our own store',
  'services/checkpoints/inspect/tensor-files.ts#readTensorHeaders':
    'reads files; their headers are safetensors-headers',
  'services/checkpoints/inspect/tensor-files.ts#readJson':
    'reads a file as JSON; what it says is judged elsewhere',
  'services/checkpoints/inspect/tensor-files.ts#readStart': 'reads bytes of a file',
  'services/gateway/checker-bundle.ts#readCheckerBundle': 'reads our own file',
  'services/gateway/api/openapi.ts#openApiOf': 'writes our own document',
  'services/verifier/importers/file-tensor.ts#readPieces': 'reads bytes of a file',
  'services/verifier/importers/read-source.ts#readPair': 'reads files; its headers are safetensors-headers',
  'services/verifier/importers/read-source.ts#readWhole': 'reads a file',
  'services/verifier/importers/read-source.ts#readWholeJson':
    'reads a file as JSON; what it says is judged elsewhere',
};

const found = FOLDERS.flatMap(sourcesUnder).flatMap(({ path, text }) =>
  [...text.matchAll(DECODER)].map(([, name]) => `${path}#${name}`),
);
const driven = Object.values(TARGETS).flatMap(({ drives }) => drives);

describe('what is fuzzed', () => {
  it('is every decoder that the code exports', () => {
    const covered = new Set([...driven, ...Object.keys(NOT_FUZZED)]);
    expect(found.length).toBeGreaterThan(40);
    expect(found.filter((name) => !covered.has(name))).toEqual([]);
  });

  it('exists', () => {
    const sources = new Map(FOLDERS.flatMap(sourcesUnder).map(({ path, text }) => [path, text]));
    for (const name of [...driven, ...Object.keys(NOT_FUZZED)]) {
      const [path = '', exported = ''] = name.split('#');
      expect(sources.get(path) ?? '', name).toMatch(
        new RegExp(`^export (?:async )?(?:function\\*?|const|class) ${exported}\\b`, 'm'),
      );
    }
  });
});
