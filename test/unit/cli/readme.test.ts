import { readFile } from 'node:fs/promises';
import { describe, expect, test } from 'vitest';
import { ERROR_CODES } from '../../../protocols/base/errors.ts';
import { EVENT_STREAMS_LIMIT, HTTP_BODY_LIMIT_BYTES } from '../../../protocols/base/limits.ts';
import { EVENT_TYPES } from '../../../protocols/events/index.ts';
import { EXIT } from '../../../services/cli/exit-codes.ts';
import { buildGateway, EVENT_STREAM_TIMES } from '../../../services/gateway/index.ts';
import { exampleStory } from '../../support/example-story.ts';
import { runCli } from '../../support/run-cli.ts';

const cli = await readme('cli');
const gateway = await readme('gateway');

describe('the READMEs say what the code does', () => {
  test('every command and exit status', async () => {
    const { stdout } = await runCli(['--help']);
    const commands = [...stdout.matchAll(/^ {2}([a-z]+)(?: [[<][\w.]+[\]>])* {2,}/gm)].map(
      ([, name]) => name,
    );
    expect(commands).toHaveLength(26);
    for (const name of commands) expect(cli).toMatch(new RegExp(`^\\| \`${name}[ \`]`, 'm'));
    const statuses = [...cli.matchAll(/^\| (\d) \|/gm)].map(([, status]) => Number(status));
    expect(statuses).toEqual(Object.values(EXIT));
  });

  test('every route', async () => {
    const app = await buildGateway(exampleStory().node, { token: 'a'.repeat(48) });
    const routes = [...gateway.matchAll(/`(?:(GET|POST) )?(\/[a-z/:*.-]*)[^`]*`/g)];
    const named = new Set(routes.map(([, method = 'GET', url]) => `${method} ${url}`));
    for (const route of named) {
      const [method, url] = route.split(' ') as ['GET' | 'POST', string];
      expect(app.hasRoute({ method, url }), route).toBe(true);
    }
    expect(named.size).toBe(50);
    await app.close();
  });

  test('every event type, limit and error code', () => {
    for (const type of EVENT_TYPES) expect(gateway).toContain(`\`${type}\``);
    expect(gateway).toContain(`${HTTP_BODY_LIMIT_BYTES / 1_024} KiB`);
    expect(gateway).toContain(`serves ${EVENT_STREAMS_LIMIT} streams`);
    expect(gateway).toContain(`every ${EVENT_STREAM_TIMES.heartbeatMs / 1_000} s`);
    expect(gateway).toContain(`for ${EVENT_STREAM_TIMES.stallMs / 1_000} s`);
    const codes = [...gateway.matchAll(/^\| (`[a-z`, -]+`) \| [\d, ]+ \|/gm)].flatMap(([, cell = '']) =>
      cell.split(', ').map((code) => code.replaceAll('`', '')),
    );
    expect(codes.length).toBeGreaterThan(8);
    for (const code of codes) expect(ERROR_CODES).toContain(code);
  });
});

function readme(service: string): Promise<string> {
  return readFile(new URL(`../../../services/${service}/README.md`, import.meta.url), 'utf8');
}
