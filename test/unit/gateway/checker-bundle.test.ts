import { builtinModules } from 'node:module';
import { expect, test } from 'vitest';
import { bundleChecker, readCheckerBundle } from '../../../services/gateway/checker-bundle.ts';

test('equal sources give equal bytes, which import nothing and are served in a clone', async () => {
  const code = await bundleChecker();
  expect(await bundleChecker()).toBe(code);
  expect(await readCheckerBundle()).toBe(code);
  expect(code).not.toMatch(/\bimport\s*(?:[({*]|["'`])|\bfrom\s*["'`]/);
  for (const name of builtinModules) expect(code).not.toContain(`node:${name}`);
});
