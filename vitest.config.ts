import module from 'node:module';
import { fileURLToPath } from 'node:url';
import { defineConfig } from 'vitest/config';

// for this process, and the many that the tests start: what is compiled once is not compiled again
const compiled = fileURLToPath(new URL('node_modules/.cache/compiled', import.meta.url));
module.enableCompileCache(compiled);
process.env['NODE_COMPILE_CACHE'] ??= compiled;

interface ProjectOptions {
  readonly timeoutMs: number;
  /** One file after another: they start processes and servers. */
  readonly serial?: boolean;
  /** Where its files are: the folder of its name by default. */
  readonly folder?: string;
  readonly env?: Readonly<Record<string, string>>;
  /** Files share what they import: a third of the time of tests that change nothing outside themselves. */
  readonly shared?: boolean;
}

const project = (name: string, options: ProjectOptions) => ({
  test: {
    name,
    include: [`test/${options.folder ?? name}/**/*.test.ts`],
    env: { ...options.env },
    testTimeout: options.timeoutMs,
    hookTimeout: options.timeoutMs,
    fileParallelism: !options.serial,
    isolate: !options.shared,
  },
});

export default defineConfig({
  test: {
    pool: 'forks',
    maxWorkers: 2,
    // Node runs the sources as it runs them elsewhere, and nothing is transformed: a tenth of the time of the unit tests
    experimental: { viteModuleRunner: false },
    projects: [
      project('architecture', { timeoutMs: 30_000 }),
      project('unit', { timeoutMs: 30_000, shared: true }),
      project('property', { timeoutMs: 120_000, shared: true }),
      project('property-full', {
        timeoutMs: 120_000,
        shared: true,
        folder: 'property',
        env: { PROPERTY_RUNS: 'all' },
      }),
      project('compliance', { timeoutMs: 60_000, serial: true }),
      project('fuzz', { timeoutMs: 120_000 }),
      project('integration', { timeoutMs: 120_000 }),
      project('e2e', { timeoutMs: 300_000, serial: true }),
      project('faults', { timeoutMs: 600_000, serial: true }),
      project('interop', { timeoutMs: 300_000, serial: true }),
    ],
  },
});
