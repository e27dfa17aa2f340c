import { spawnSync } from 'node:child_process';
import { readFile, writeFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join, normalize } from 'node:path';
import { fileURLToPath } from 'node:url';
import { freshFolder } from './fresh-folder.ts';

const ROOT = fileURLToPath(new URL('../..', import.meta.url));

/** tweetnacl is a script that hangs itself on the page; everything else is modules already. */
const PAGE = `<!doctype html><title>protocols</title>
<script type="importmap">{"imports": {
  "tweetnacl": "/tweetnacl.js",
  "@noble/curves/": "/node_modules/@noble/curves/",
  "@noble/hashes/": "/node_modules/@noble/hashes/"
}}</script>
<script src="/node_modules/tweetnacl/nacl-fast.js"></script>`;

/** What the build makes of these folders, in a folder of its own. */
async function transpile(folders: readonly string[]): Promise<string> {
  const out = await freshFolder();
  const config = join(out, 'tsconfig.json');
  await writeFile(
    config,
    JSON.stringify({
      extends: join(ROOT, 'tsconfig.build.json'),
      compilerOptions: {
        rootDir: ROOT,
        outDir: out,
        declaration: false,
        typeRoots: [join(ROOT, 'node_modules/@types')],
      },
      include: folders.map((folder) => join(ROOT, folder, '*.ts')),
    }),
  );
  const { status, stdout } = spawnSync(join(ROOT, 'node_modules/.bin/tsc'), ['-p', config], {
    encoding: 'utf8',
  });
  if (status !== 0) throw new Error(stdout);
  return out;
}

/** Serves protocols/ to a browser on loopback: the code of these folders as the build transpiles it. */
export async function serveToBrowser(folders: readonly string[]): Promise<AsyncDisposable & { url: string }> {
  const built = await transpile(folders);
  const answer = async (path: string): Promise<readonly [type: string, body: string | Uint8Array]> => {
    if (path === '/') return ['text/html', PAGE];
    if (path === '/tweetnacl.js') return ['text/javascript', 'export default self.nacl;'];
    const type = path.endsWith('.json') ? 'application/json' : 'text/javascript';
    const isBuilt = path.startsWith('/protocols/') && path.endsWith('.js');
    return [type, await readFile(join(isBuilt ? built : ROOT, normalize(path)))];
  };
  const server = createServer((request, response) => {
    answer(new URL(request.url ?? '/', 'http://127.0.0.1').pathname).then(
      ([type, body]) => response.writeHead(200, { 'content-type': type }).end(body),
      () => response.writeHead(404).end(),
    );
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/`,
    [Symbol.asyncDispose]: async () => {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}
