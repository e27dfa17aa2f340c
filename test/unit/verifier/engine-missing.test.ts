import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { expect, it } from 'vitest';

/** Makes the optional dependency unresolvable, as on a machine that never installed it. */
const HIDE_RUNTIME = `
import { registerHooks } from 'node:module';
registerHooks({ resolve(specifier, context, next) {
  if (specifier === 'onnxruntime-node') throw Object.assign(new Error('hidden'), { code: 'ERR_MODULE_NOT_FOUND' });
  return next(specifier, context);
} });`;

it('without onnxruntime-node the verifier loads, and a model says what to install', async () => {
  const index = new URL('../../../services/verifier/index.ts', import.meta.url).href;
  const runtime = new URL('../../../services/verifier/engine/runtime.ts', import.meta.url).href;
  const script = `
    await import(${JSON.stringify(index)});
    const { loadRuntime } = await import(${JSON.stringify(runtime)});
    await loadRuntime().catch((error) => console.log(error.code));`;
  const hide = `data:text/javascript,${encodeURIComponent(HIDE_RUNTIME)}`;
  const args = ['--import', hide, '--input-type=module', '-e', script];
  const { stdout } = await promisify(execFile)(process.execPath, args);
  expect(stdout.trim()).toBe('engine-missing');
});
