import { posix } from 'node:path';
import { type Reach, readReach } from './imports.ts';

/** Folders of protocols/, and those that each may use. The order is the order of the layers. */
export const PROTOCOL_LAYERS = {
  base: [],
  codec: ['base'],
  identity: ['base', 'codec'],
  message: ['base', 'codec', 'identity'],
  kinds: ['base', 'codec', 'identity', 'message'],
  feed: ['base', 'codec', 'identity', 'message', 'kinds'],
  disclosure: ['base', 'codec', 'identity', 'message', 'kinds', 'feed'],
  bundle: ['base', 'codec', 'identity', 'message', 'kinds', 'feed'],
  artifacts: ['base', 'codec'],
  provenance: ['base', 'codec', 'identity'],
  pins: ['base'],
  release: ['base', 'codec', 'identity', 'message', 'kinds'],
  charter: ['base', 'codec', 'identity', 'message', 'kinds'],
  verdict: ['base', 'codec', 'identity', 'message', 'kinds'],
  record: ['base', 'codec', 'identity', 'message', 'kinds', 'feed', 'disclosure', 'charter', 'verdict'],
  events: ['base', 'codec', 'identity', 'message', 'kinds', 'feed', 'charter', 'verdict', 'record'],
  oversight: ['base', 'codec', 'identity', 'message', 'kinds', 'charter', 'record'],
  audit: [
    'base',
    'codec',
    'identity',
    'message',
    'kinds',
    'feed',
    'bundle',
    'artifacts',
    'charter',
    'verdict',
    'record',
  ],
} as const satisfies Record<string, readonly string[]>;

/** Packages that a layer may use: pure ones, each for its one purpose. */
export const PROTOCOL_PACKAGES: Readonly<Record<keyof typeof PROTOCOL_LAYERS, readonly string[]>> = {
  base: [],
  codec: ['@ipld/dag-cbor', '@noble/hashes', 'multiformats'],
  identity: ['@noble/curves', '@noble/hashes', 'multiformats', 'tweetnacl'],
  message: ['@noble/hashes', 'zod'],
  kinds: ['zod'],
  feed: ['@noble/hashes', 'multiformats'],
  disclosure: ['@noble/hashes', 'tweetnacl'],
  bundle: ['zod'],
  artifacts: ['zod'],
  pins: ['@noble/hashes'],
  release: ['spdx-license-list', 'yaml', 'zod'],
  provenance: ['@noble/curves', '@noble/hashes', 'multiformats', 'zod'],
  charter: [],
  verdict: ['@noble/hashes'],
  record: [],
  events: ['zod'],
  oversight: [],
  audit: ['@ipld/dag-pb', 'zod'],
};

/** The service that may import every other; the command, which reaches the rest through it. */
const ROOT = 'node';
const COMMAND = 'cli';
/** Not a service: a program that starts nodes as a user would. Only the command of its name opens it. */
const DEMONSTRATION = 'deploy/demo/';
/** What is served to browsers: it may use protocols/, never a service. */
const BROWSER = 'services/gateway/dashboard/';

/** @returns what breaks a rule, one line each; empty when the file may stand. `path` is relative to the repository. */
export function findViolations(path: string, source: string): string[] {
  const reach = readReach(source);
  const [house, room] = path.split('/');
  if (house === 'protocols') return protocolViolations(path, room ?? '', reach);
  if (house === 'services') return serviceViolations(path, room ?? '', reach);
  return [`${path}: not in protocols/ or services/`];
}

function protocolViolations(path: string, layer: string, reach: Reach): string[] {
  if (!isLayer(layer)) return [`${path}: ${layer} is not a layer of protocols/`];
  const out = reach.ambient.map((name) => `${path}: uses ${name}`);
  out.push(...reach.dynamic.map(() => `${path}: imports at run time`));
  for (const specifier of reach.imports) {
    if (!specifier.startsWith('.')) {
      if (!PROTOCOL_PACKAGES[layer].includes(packageOf(specifier))) out.push(`${path}: imports ${specifier}`);
      continue;
    }
    const [house, target] = resolve(path, specifier).split('/');
    const allowed: readonly string[] = PROTOCOL_LAYERS[layer];
    if (house !== 'protocols' || (target !== layer && !allowed.includes(target ?? '')))
      out.push(`${path}: imports ${specifier}`);
  }
  return out;
}

function serviceViolations(path: string, service: string, reach: Reach): string[] {
  const out = [...reach.imports, ...reach.dynamic]
    .filter((specifier) => !mayReach(path, service, specifier))
    .map((specifier) => `${path}: imports ${specifier ?? 'what it computes'}`);
  if (service === COMMAND) out.push(...loadedByEveryCommand(path, reach));
  return out;
}

/** A thousand modules that most commands have no use for: each loads them where it needs them, by `await import(…)`. */
function loadedByEveryCommand(path: string, { imports, types }: Reach): string[] {
  return imports
    .filter(
      (specifier) => resolve(path, specifier).startsWith(`services/${ROOT}/`) && !types.includes(specifier),
    )
    .map((specifier) => `${path}: loads ${specifier} with every command`);
}

function mayReach(path: string, service: string, specifier: string | null): boolean {
  if (specifier === null) return false;
  if (!specifier.startsWith('.')) return !(path.startsWith(BROWSER) && specifier.startsWith('node:'));
  const target = resolve(path, specifier);
  const [house, room] = target.split('/');
  if (house === 'protocols') return true;
  if (path.startsWith(BROWSER)) return target.startsWith(BROWSER);
  if (house === 'services') return room === service || mayImport(service, room ?? '');
  return target === 'package.json' || (service === COMMAND && target.startsWith(DEMONSTRATION));
}

function mayImport(service: string, target: string): boolean {
  return service === ROOT ? target !== COMMAND : service === COMMAND && target === ROOT;
}

function isLayer(name: string): name is keyof typeof PROTOCOL_LAYERS {
  return Object.hasOwn(PROTOCOL_LAYERS, name);
}

function resolve(path: string, specifier: string): string {
  return posix.normalize(posix.join(posix.dirname(path), specifier));
}

/** `@scope/name/sub` -> `@scope/name` */
function packageOf(specifier: string): string {
  return specifier
    .split('/')
    .slice(0, specifier.startsWith('@') ? 2 : 1)
    .join('/');
}
