import { describe, expect, it } from 'vitest';
import { filesMatching, sourcesUnder } from './files.ts';
import { readReach } from './imports.ts';
import { findViolations, PROTOCOL_LAYERS } from './rules.ts';

describe('imports run one way', () => {
  it('in every source file of protocols/ and services/', () => {
    const scripts = filesMatching('services/**/*.js');
    const sources = [...sourcesUnder('protocols'), ...sourcesUnder('services'), ...scripts];
    expect(sources.length).toBeGreaterThan(100);
    expect(sources.flatMap(({ path, text }) => findViolations(path, text))).toEqual([]);
  });

  it('through layers that exist, each above those it uses', () => {
    const found = new Set(sourcesUnder('protocols').map(({ path }) => path.split('/')[1]));
    const names = Object.keys(PROTOCOL_LAYERS);
    expect([...found].sort()).toEqual([...names].sort());
    for (const [layer, below] of Object.entries(PROTOCOL_LAYERS))
      for (const each of below) expect(names.indexOf(each)).toBeLessThan(names.indexOf(layer));
  });
});

/** Made-up files, and whether the rules let them stand. */
const CASES: readonly (readonly [id: string, path: string, source: string, allowed: boolean])[] = [
  ['a lower layer', 'protocols/record/a.ts', `import { x } from '../verdict/index.ts';`, true],
  ['its own layer', 'protocols/record/a.ts', `import { x } from './b.ts';`, true],
  ['a higher layer', 'protocols/message/a.ts', `import type { x } from '../record/index.ts';`, false],
  [
    'a higher layer, re-exported',
    'protocols/codec/a.ts',
    `export { x } from '../identity/did-key.ts';`,
    false,
  ],
  ['a layer beside it', 'protocols/artifacts/a.ts', `import { x } from '../kinds/index.ts';`, false],
  [
    'a higher layer over several lines',
    'protocols/base/a.ts',
    `import {\n  x,\n} from\n  '../codec/cid.ts';`,
    false,
  ],
  ['a service', 'protocols/record/a.ts', `import { x } from '../../services/ledger/index.ts';`, false],
  ['a folder outside', 'protocols/record/a.ts', `import { x } from '../../test/x.ts';`, false],
  ['an unknown layer', 'protocols/extra/a.ts', '', false],
  ['a node module', 'protocols/codec/a.ts', `import { createHash } from 'node:crypto';`, false],
  ['a package of another layer', 'protocols/base/a.ts', `import { z } from 'zod';`, false],
  ['a package for its side effects', 'protocols/kinds/a.ts', `import 'libp2p';`, false],
  ['an import at run time', 'protocols/codec/a.ts', `const x = await import('./b.ts');`, false],
  ['the clock', 'protocols/record/a.ts', 'const now = Date.now();', false],
  ['a date of now', 'protocols/record/a.ts', 'const now = new Date();', false],
  ['a date of a number', 'protocols/events/a.ts', 'const at = new Date(0);', true],
  ['randomness', 'protocols/verdict/a.ts', 'const x = Math.random();', false],
  ['the environment', 'protocols/base/a.ts', 'const x = process.env.X;', false],
  ['the console', 'protocols/base/a.ts', 'console.log(1);', false],
  ['the network', 'protocols/base/a.ts', `const x = fetch('https://example.org');`, false],
  ['a timer', 'protocols/base/a.ts', 'setTimeout(() => {}, 1);', false],
  ['the clock in a comment', 'protocols/base/a.ts', '// never Date.now()\n/* process.env */', true],
  ['the clock in text', 'protocols/base/a.ts', `const x = 'see process.env and Date.now()';`, true],
  ['a method of that name', 'protocols/base/a.ts', 'store.fetch(1); this.console.x;', true],
  ['the protocol', 'services/ledger/a.ts', `import { x } from '../../protocols/record/index.ts';`, true],
  ['another service', 'services/ledger/a.ts', `import { x } from '../network/transport.ts';`, false],
  [
    'another service, types alone',
    'services/ledger/a.ts',
    `import type { x } from '../network/transport.ts';`,
    false,
  ],
  ['another service at run time', 'services/ledger/a.ts', `await import('../network/transport.ts');`, false],
  ['any service, from the root', 'services/node/a.ts', `import { x } from '../ledger/index.ts';`, true],
  ['the command, from the root', 'services/node/a.ts', `import { x } from '../cli/main.ts';`, false],
  ['the root, with every command', 'services/cli/a.ts', `import { x } from '../node/index.ts';`, false],
  ['the types of the root', 'services/cli/a.ts', `import type { x } from '../node/index.ts';`, true],
  ['the root at run time', 'services/cli/commands/a.ts', `await import('../../node/index.ts');`, true],
  [
    'another service, from the command',
    'services/cli/a.ts',
    `import { x } from '../ledger/index.ts';`,
    false,
  ],
  [
    'the protocol, from the page',
    'services/gateway/dashboard/src/a.ts',
    `import { x } from '../../../../protocols/message/index.ts';`,
    true,
  ],
  [
    'the gateway, from the page',
    'services/gateway/dashboard/a.ts',
    `import { x } from '../ports.ts';`,
    false,
  ],
  ['a node module, from the page', 'services/gateway/dashboard/a.ts', `import { x } from 'node:fs';`, false],
  [
    'the demonstration, from the command',
    'services/cli/a.ts',
    `await import('../../deploy/demo/run.ts');`,
    true,
  ],
  [
    'the demonstration, from a service',
    'services/node/a.ts',
    `await import('../../deploy/demo/run.ts');`,
    false,
  ],
  ['what it computes', 'services/ledger/a.ts', 'await import(name);', false],
  ['a test', 'services/ledger/a.ts', `import { x } from '../../test/support/x.ts';`, false],
  ['a package', 'services/ledger/a.ts', `import { z } from 'zod';`, true],
];

describe('the rules', () => {
  it.each(CASES)('judge %s', (_id, path, source, allowed) => {
    const violations = findViolations(path, source);
    expect(violations.length === 0, violations.join('\n')).toBe(allowed);
  });

  it('see every form of import', () => {
    const reach = readReach(
      `import a from 'a';\nimport type { b } from "b";\nexport * from 'c';\nimport 'd';\nimport * as e from 'e';\n// import f from 'f';\nconst g = await import('g');\nconst h = await import(name);`,
    );
    expect(reach.imports).toEqual(['a', 'b', 'c', 'e', 'd']);
    expect(reach.types).toEqual(['b']);
    expect(reach.dynamic).toEqual(['g', null]);
  });
});
