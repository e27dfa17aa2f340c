import { readdir, stat } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { describe, expect, test } from 'vitest';
import { parseDocument } from 'yaml';
import { z } from 'zod';
import { ROOT, readRepositoryFile } from './deploy-files.ts';

const NODES = ['lab', 'academic', 'regulator', 'verifier-a', 'verifier-b'];

const service = z.looseObject({
  image: z.string(),
  build: z.looseObject({ context: z.string(), dockerfile: z.string() }).optional(),
  environment: z.record(z.string(), z.string()).default({}),
  ports: z.array(z.string()).default([]),
  volumes: z.array(z.string()).default([]),
  depends_on: z.record(z.string(), z.looseObject({ condition: z.string() })).default({}),
  healthcheck: z.looseObject({ test: z.array(z.string()).optional() }).optional(),
});
const composeFile = z.looseObject({
  services: z.record(z.string(), service),
  volumes: z.record(z.string(), z.unknown()),
});

const compose = await readCompose();

describe('compose.yaml', () => {
  test('is five nodes, a NATS server and the one that founds the federation', () => {
    expect(Object.keys(compose.services).sort()).toEqual([...NODES, 'found', 'nats'].sort());
  });

  test('names only services, volumes and files that exist', async () => {
    for (const { build, depends_on, volumes } of Object.values(compose.services)) {
      for (const name of Object.keys(depends_on)) expect(compose.services).toHaveProperty([name]);
      for (const source of volumes.map((each) => each.split(':')[0] as string)) {
        if (source.startsWith('.')) await stat(join(ROOT, 'deploy', source));
        else expect(compose.volumes).toHaveProperty([source]);
      }
      if (build === undefined) continue;
      expect(resolve(ROOT, 'deploy', build.context)).toBe(resolve(ROOT));
      await stat(join(ROOT, build.dockerfile));
    }
  });

  test('publishes gateways on loopback only, each on its own port', () => {
    const ports = NODES.flatMap((name) => compose.services[name]?.ports ?? []);
    expect(ports).toHaveLength(NODES.length);
    for (const port of ports) expect(port).toMatch(/^127\.0\.0\.1:77\d\d:7710$/);
    expect(new Set(ports).size).toBe(NODES.length);
    expect(compose.services['nats']?.ports).toEqual([]);
  });

  test('starts a node in the home made for it, after the charter and the server are there', async () => {
    const founding = await readRepositoryFile('deploy/found-federation.sh');
    for (const name of NODES) {
      const node = compose.services[name];
      expect(node?.environment['OVERSIGHT_HOME']).toBe(`/data/${name}`);
      expect(founding).toMatch(new RegExp(`^home ${name} '`, 'm'));
      expect(node?.depends_on['found']?.condition).toBe('service_completed_successfully');
      expect(node?.depends_on['nats']?.condition).toBe('service_healthy');
    }
    expect(compose.services['nats']?.healthcheck?.test?.join(' ')).toContain('/healthz');
  });
});

describe('Dockerfile', () => {
  const instructions = readInstructions();

  test('copies only what the repository has and the build sees', async () => {
    const seen = (await readRepositoryFile('deploy/Dockerfile.dockerignore')).split('\n');
    for (const [name, rest] of await instructions) {
      if (name !== 'COPY' || rest.includes('--from=')) continue;
      const sources = rest
        .split(' ')
        .filter((word) => !word.startsWith('--'))
        .slice(0, -1);
      for (const source of sources) {
        await stat(join(ROOT, source));
        expect(
          seen.some((line) => line.startsWith('!') && source.startsWith(line.slice(1))),
          source,
        ).toBe(true);
      }
    }
  });

  test('runs the node as a plain user, with its health asked of the gateway', async () => {
    const all = await instructions;
    const of = (wanted: string) => all.filter(([name]) => name === wanted).map(([, rest]) => rest);
    expect(of('FROM')).toEqual(['node:24-slim AS build', 'node:24-slim']);
    expect(of('USER')).toEqual(['node']);
    expect(of('HEALTHCHECK').join()).toContain('/health');
    expect(JSON.parse(of('ENTRYPOINT').join())).toEqual(['oversight']);
  });

  test('every folder that the build compiles is in it', async () => {
    const copied = (await instructions).filter(([name]) => name === 'COPY').map(([, rest]) => rest);
    const build = JSON.parse(await readRepositoryFile('tsconfig.build.json')) as { include: string[] };
    for (const folder of build.include.map((glob) => glob.replace(/\/\*\*.*$/, ''))) {
      expect(await readdir(join(ROOT, folder))).not.toEqual([]);
      expect(copied).toContain(`${folder} ${folder}`);
    }
  });
});

async function readCompose() {
  // merge: `<<` of YAML 1.1, as Compose reads it
  const document = parseDocument(await readRepositoryFile('deploy/compose.yaml'), { merge: true });
  expect(document.errors).toEqual([]);
  return composeFile.parse(document.toJS());
}

/** Instructions with their arguments, continuation lines joined. */
async function readInstructions(): Promise<(readonly [string, string])[]> {
  const text = await readRepositoryFile('deploy/Dockerfile');
  return text
    .replace(/\\\n\s*/g, '')
    .split('\n')
    .filter((line) => line !== '' && !line.startsWith('#'))
    .map((line) => {
      const space = line.indexOf(' ');
      return [line.slice(0, space), line.slice(space + 1)] as const;
    });
}
