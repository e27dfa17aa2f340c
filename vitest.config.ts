import { defineConfig } from 'vitest/config';

const project = (name: string, options: { readonly timeoutMs: number; readonly serial?: boolean }) => ({
  test: {
    name,
    include: [`test/${name}/**/*.test.ts`],
    testTimeout: options.timeoutMs,
    hookTimeout: options.timeoutMs,
    fileParallelism: !options.serial,
  },
});

export default defineConfig({
  test: {
    pool: 'forks',
    maxWorkers: 2,
    projects: [
      project('architecture', { timeoutMs: 30_000 }),
      project('unit', { timeoutMs: 30_000 }),
      project('property', { timeoutMs: 120_000 }),
      project('compliance', { timeoutMs: 60_000, serial: true }),
      project('fuzz', { timeoutMs: 120_000 }),
      project('integration', { timeoutMs: 120_000, serial: true }),
      project('e2e', { timeoutMs: 300_000, serial: true }),
      project('faults', { timeoutMs: 600_000, serial: true }),
      project('interop', { timeoutMs: 300_000, serial: true }),
    ],
  },
});
