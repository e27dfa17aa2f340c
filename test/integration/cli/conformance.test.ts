import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import { runCli } from '../../support/run-cli.ts';

const NAIVE = [
  process.execPath,
  fileURLToPath(new URL('../../support/conformance/naive-program.ts', import.meta.url)),
];

const graded = z.object({
  files: z.array(
    z.object({
      file: z.string(),
      cases: z.int(),
      passed: z.int(),
      failed: z.int(),
      unsupported: z.int(),
    }),
  ),
  failures: z.array(z.looseObject({ file: z.string(), case: z.string() })),
});

async function conformance(...args: readonly string[]) {
  return runCli(['conformance', ...args]);
}

describe('a program that conforms', () => {
  it('this one does', async () => {
    const { status, stdout } = await conformance('--self', '--json');
    const { files, failures } = graded.parse(JSON.parse(stdout));
    expect(failures).toEqual([]);
    for (const { cases, passed } of files) expect(passed).toBe(cases);
    expect(files.reduce((sum, { cases }) => sum + cases, 0)).toBeGreaterThan(1_500);
    expect(status).toBe(0);
  });
});

describe('a program that does not', () => {
  it('is failed for each must-fail case that it accepts, and only asked for what it has', async () => {
    const { status, stdout } = await conformance('--json', '--', ...NAIVE);
    const { files, failures } = graded.parse(JSON.parse(stdout));
    expect(status).toBe(3);
    const failed = failures.map((each) => `${each.file} ${each.case}`);
    for (const known of [
      'codec.json refused/text-byte-order-mark',
      'codec.json refused/list-too-deep',
      'ed25519.json cases/s-plus-order',
      'ed25519.json cases/torsion-key-cofactorless',
      'ed25519-published.json cases/speccheck-6',
    ])
      expect(failed).toContain(known);
    // where the libraries are right it is not failed
    expect(failed).not.toContain('ed25519-published.json cases/rfc8032-test-1');
    const record = files.find(({ file }) => file === 'record.json');
    expect(record?.unsupported).toBe(record?.cases);
  });

  it('is inconclusive when nothing was wrong and something not answered', async () => {
    expect((await conformance('--only', 'derive.json', '--', ...NAIVE)).status).toBe(4);
  });

  it.each(['silent', 'stall', 'noise'])('%s: is not graded', async (habit) => {
    const { status, stderr } = await conformance('--timeout', '1', '--', ...NAIVE, habit);
    expect(stderr).toMatch(/^error peer-failed: /m);
    expect(status).toBe(1);
  });

  it('cannot be asked when there is none', async () => {
    for (const args of [[], ['--', '/nonexistent/program'], ['--self', '--', 'cat']]) {
      const { status, stderr } = await conformance(...args);
      expect(stderr).toMatch(/^error argument-invalid: /m);
      expect(status).toBe(1);
    }
  });
});
