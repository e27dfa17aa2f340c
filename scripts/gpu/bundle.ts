import { spawnSync } from 'node:child_process';
import { copyFile, cp, mkdir, mkdtemp, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import { constants, gzipSync, zstdCompressSync } from 'node:zlib';

/**
 * Packs `.cache/gpu-bundle`: Node, ONNX Runtime, the engine and small fixtures, for x86-64 Linux without a network.
 * `run.sh` there unpacks into a temporary folder, checks each provider and prints one JSON. What is packed is what a run
 * of the checks loads here.
 */
const LIMIT_BYTES = 60_000_000;
const RUNTIME = 'node_modules/onnxruntime-node/bin/napi-v6/linux/x64';
const LIBRARY = `${RUNTIME}/libonnxruntime.so.1`;
/** Cases of test/fixtures/families that check-provider.ts reads. */
const FIXTURES = ['gpt2', 'llama-3-rope', 'qwen2', 'gemma2', 'gpt-neox', 'phi3'];

const root = fileURLToPath(new URL('../..', import.meta.url));
const bundle = join(root, '.cache/gpu-bundle');

const RUN = `#!/bin/sh
# Checks the engine on this machine's GPU and prints one JSON. Options: --no-speed, then providers (cpu webgpu).
set -e
here=$(cd "$(dirname "$0")" && pwd)
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cp -R "$here/app" "$work/app"
gzip -dc "$here/node.gz" > "$work/node"
chmod +x "$work/node"
"$work/node" -e 'const [from, to] = process.argv.slice(1), fs = require("fs");
fs.writeFileSync(to, require("zlib").zstdDecompressSync(fs.readFileSync(from)))' "$here/onnxruntime.zst" "$work/app/${LIBRARY}"
"$work/node" "$work/app/scripts/gpu/check.ts" "$@"
`;

await rm(bundle, { recursive: true, force: true });
await mkdir(bundle, { recursive: true });
for (const file of await loadedFiles()) await copyInto(file);
for (const name of FIXTURES) {
  await cp(
    join(root, 'test/fixtures/families/checkpoints', name),
    packed(`test/fixtures/families/checkpoints/${name}`),
    { recursive: true },
  );
  for (const end of ['json', 'safetensors'])
    await copyInto(join(root, `test/fixtures/families/expected/${name}.${end}`));
}
await copyInto(join(root, RUNTIME, 'onnxruntime_binding.node'));
const strongest = { params: { [constants.ZSTD_c_compressionLevel]: 19 } };
await writeFile(
  join(bundle, 'onnxruntime.zst'),
  zstdCompressSync(await readFile(join(root, LIBRARY)), strongest),
);
await writeFile(join(bundle, 'node.gz'), gzipSync(await strippedNode(), { level: 9 }));
await writeFile(join(bundle, 'run.sh'), RUN, { mode: 0o755 });
const bytes = await sizeOf(bundle);
console.log(`${relative(root, bundle)}: ${bytes} bytes`);
if (bytes >= LIMIT_BYTES) throw new Error(`the bundle has ${bytes} bytes; ${LIMIT_BYTES} is the limit`);

/** Files that the checks load on the CPU, with the package.json of each package. */
async function loadedFiles(): Promise<readonly string[]> {
  const folder = await mkdtemp(join(tmpdir(), 'gpu-bundle-'));
  const list = join(folder, 'loaded');
  try {
    for (const script of ['check-provider.ts', 'check.ts']) {
      const path = fileURLToPath(new URL(script, import.meta.url));
      const recorder = new URL('record-loads.ts', import.meta.url).href;
      const { status, stderr } = spawnSync(
        process.execPath,
        ['--import', recorder, path, 'cpu', '--no-speed'],
        {
          env: { ...process.env, LOADED: list },
          encoding: 'utf8',
        },
      );
      if (status !== 0) throw new Error(`${script} does not run here: ${stderr}`);
    }
    const urls = new Set((await readFile(list, 'utf8')).trim().split('\n'));
    const files = [...urls].map((url) => fileURLToPath(url)).filter((file) => file.startsWith(root));
    const manifests = new Set(files.flatMap((file) => manifestsAbove(file)));
    return [...files, ...(await existing([...manifests]))].filter((file) => !file.endsWith('.node'));
  } finally {
    await rm(folder, { recursive: true });
  }
}

/** Every package.json that could say how a file is read. */
function manifestsAbove(file: string): readonly string[] {
  const out: string[] = [];
  for (let folder = dirname(file); folder.length >= root.length - 1; folder = dirname(folder))
    out.push(join(folder, 'package.json'));
  return out;
}

async function existing(files: readonly string[]): Promise<readonly string[]> {
  const found = await Promise.all(
    files.map((file) =>
      stat(file).then(
        () => [file],
        () => [],
      ),
    ),
  );
  return found.flat();
}

function packed(path: string): string {
  return join(bundle, 'app', path);
}

async function copyInto(file: string): Promise<void> {
  const to = packed(relative(root, file));
  await mkdir(dirname(to), { recursive: true });
  await copyFile(file, to);
}

/** The node that runs this, without its symbols. */
async function strippedNode(): Promise<Uint8Array> {
  const folder = await mkdtemp(join(tmpdir(), 'gpu-bundle-'));
  try {
    const node = join(folder, 'node');
    const { status, error } = spawnSync('strip', ['-o', node, process.execPath]);
    if (status !== 0) throw new Error('`strip` is needed (binutils)', { cause: error });
    return await readFile(node);
  } finally {
    await rm(folder, { recursive: true });
  }
}

async function sizeOf(folder: string): Promise<number> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true });
  const files = entries.filter((entry) => entry.isFile());
  const sizes = await Promise.all(
    files.map(async (file) => (await stat(join(file.parentPath, file.name))).size),
  );
  return sizes.reduce((sum, size) => sum + size, 0);
}
