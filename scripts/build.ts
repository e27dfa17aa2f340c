import { spawnSync } from 'node:child_process';
import { chmod, cp, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { bundleChecker } from '../services/gateway/checker-bundle.ts';

/** Compiles the package: Node does not strip types below node_modules, so what is published is JavaScript. */
const root = fileURLToPath(new URL('..', import.meta.url));
const dist = join(root, 'dist');
await rm(dist, { recursive: true, force: true });
const { status } = spawnSync(join(root, 'node_modules', '.bin', 'tsc'), ['-p', 'tsconfig.build.json'], {
  cwd: root,
  stdio: 'inherit',
});
if (status !== 0) process.exit(status ?? 1);
// the page is served as it is written
const page = join('services', 'gateway', 'dashboard');
await cp(join(root, page), join(dist, page), {
  recursive: true,
  filter: (path) => !/\.(?:ts|json)$/.test(path),
});
await writeFile(join(dist, page, 'checker.js'), await bundleChecker());
await chmod(join(dist, 'services', 'cli', 'main.js'), 0o755);
