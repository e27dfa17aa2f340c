import { execFile } from 'node:child_process';
import { access, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { describe, expect, test } from 'vitest';
import { readRepositoryFile } from './deploy-files.ts';

const run = promisify(execFile);
const unit = await readRepositoryFile('deploy/oversight.service');

describe('oversight.service', () => {
  test('keeps the node in its own state directory, without privileges', () => {
    const settings = new Map(
      [...unit.matchAll(/^(\w+)=(.*)$/gm)].map(([, name = '', value = '']) => [name, value] as const),
    );
    expect(Object.fromEntries(settings)).toMatchObject({
      User: 'oversight',
      StateDirectory: 'oversight',
      StateDirectoryMode: '0700',
      Environment: expect.stringContaining('OVERSIGHT_HOME=/var/lib/oversight'),
      ExecStart: '/usr/local/bin/oversight up',
      Restart: 'on-failure',
      NoNewPrivileges: 'yes',
      ProtectSystem: 'strict',
      ProtectHome: 'yes',
      CapabilityBoundingSet: '',
      UMask: '0077',
    });
    // V8 makes memory executable that it wrote
    expect(settings.has('MemoryDenyWriteExecute')).toBe(false);
  });

  test('has sections and settings that systemd knows', async () => {
    const lines = unit.split('\n').filter((line) => line !== '' && !line.startsWith('#'));
    for (const line of lines) expect(line).toMatch(/^(?:\[(?:Unit|Service|Install)\]|[A-Z]\w+=.*)$/);
    const analyze = await findProgram('systemd-analyze');
    if (analyze === null) return; // not a system with systemd: the shape above is what can be checked
    const folder = await mkdtemp(join(tmpdir(), 'oversight-unit-'));
    try {
      const file = join(folder, 'oversight.service');
      // it also looks for the program, which is installed elsewhere here
      await writeFile(file, unit.replace('/usr/local/bin/oversight', '/bin/true'));
      const { stdout, stderr } = await run(analyze, ['verify', '--man=no', file]);
      expect(`${stdout}${stderr}`.split('\n').filter((line) => line.includes('oversight.service:'))).toEqual(
        [],
      );
    } finally {
      await rm(folder, { recursive: true });
    }
  });
});

async function findProgram(name: string): Promise<string | null> {
  for (const folder of ['/usr/bin', '/bin', '/usr/local/bin']) {
    const path = join(folder, name);
    if (
      await access(path).then(
        () => true,
        () => false,
      )
    )
      return path;
  }
  return null;
}
