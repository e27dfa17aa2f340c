#!/usr/bin/env node
import module from 'node:module';
import { join } from 'node:path';

/** The oldest Node whose Ed25519 follows the strict rule and whose built-ins the node uses. */
const OLDEST = [24, 19] as const;

const [major = 0, minor = 0] = process.versions.node.split('.').map(Number);
if (major < OLDEST[0] || (major === OLDEST[0] && minor < OLDEST[1])) {
  process.stderr.write(
    `error node-too-old: this is Node ${process.versions.node}; oversight needs ${OLDEST.join('.')} or later\n`,
  );
  process.exitCode = 1;
} else {
  // halves the start of every command; kept where nobody else may write, since what lies there is run
  const { HOME, XDG_CACHE_HOME, NODE_COMPILE_CACHE } = process.env;
  const caches = XDG_CACHE_HOME || (HOME && join(HOME, '.cache'));
  if (caches && !NODE_COMPILE_CACHE) {
    const compiled = join(caches, 'oversight', 'compiled');
    module.enableCompileCache(compiled);
    process.env['NODE_COMPILE_CACHE'] = compiled; // for the threads and processes of a node
  }
  // imported only now: an older Node cannot even load the rest
  const { main } = await import('./cli.ts');
  process.exitCode = await main(process.argv.slice(2));
}
