import { z } from 'zod';
import { contentConfig } from './content-config.ts';
import { pinsConfig } from './pins/pins-config.ts';

const MINUTE_MS = 60_000;
const GIB = 1_073_741_824;

/** `config.json` in a node's home. Everything a node does beyond its charter is said here. */
export const nodeConfig = z.strictObject({
  v: z.literal(1),
  /** Its own libp2p host; null for a node that speaks over NATS only. */
  libp2p: z
    .strictObject({
      listen: z.array(z.string()).min(1),
      /** Multiaddrs with a peer id, dialled until they answer. Others are learnt from member cards. */
      peers: z.array(z.string()).default([]),
      /** Multiaddrs that its card tells others to dial; null: those it listens on. Empty for a node that only dials. */
      announce: z.array(z.string()).nullable().default(null),
    })
    .nullable(),
  nats: z
    .strictObject({
      servers: z.array(z.string()).min(1),
      user: z.string().optional(),
      password: z.string().optional(),
      token: z.string().optional(),
      credentialsFile: z.string().optional(),
      /** Log in with the nkey that the member's charter entry names. */
      nkey: z.boolean().optional(),
      caFile: z.string().optional(),
    })
    .nullable(),
  gateway: z.strictObject({
    host: z.string().default('127.0.0.1'),
    port: z.int().min(0).max(65_535),
    /** `token`: reading needs the read token of the home, or the owner's. */
    reads: z.enum(['open', 'token']).default('open'),
    /** Without a neighbour for so long the node is not ready; null: one may have none. */
    peersWithinMs: z.int().min(1_000).nullable().default(null),
  }),
  /** Events beside the gateway's streams. */
  events: z
    .strictObject({
      /** Also published on the NATS server of `nats`. */
      nats: z.boolean().default(false),
      /** Whether the owner's webhooks may go to private and loopback addresses, and over plain HTTP. */
      privateWebhooks: z.boolean().default(false),
    })
    .prefault({}),
  /**
   * Speak without having heard from a peer how far the own feed goes. Only for a node that has no peers: restored from
   * an old copy, it would contradict itself.
   */
  speakAlone: z.boolean().default(false),
  /** A Kubo daemon's RPC address, used beside the embedded store. */
  kubo: z.strictObject({ api: z.url() }).nullable().default(null),
  content: contentConfig.prefault({}),
  pins: pinsConfig.prefault({}),
  verifier: z.strictObject({
    enabled: z.boolean(),
    threads: z.int().min(1).max(256),
    /** What re-runs are computed on. Default: auto, what the machine has. */
    provider: z.enum(['auto', 'cpu', 'cuda', 'webgpu']).optional(),
    timeLimitMs: z.int().min(1_000),
    memoryLimitBytes: z.int().min(256 * 1_048_576),
    /** Bytes that one finding may make this node fetch. */
    fetchLimitBytes: z.int().min(1),
  }),
});
export type NodeConfig = z.infer<typeof nodeConfig>;

export interface InitialChoices {
  readonly listen: readonly string[] | null;
  readonly peers: readonly string[];
  readonly nats: readonly string[];
  /** Log in to NATS with the node's nkey. Default false. */
  readonly nkey?: boolean;
  /** Default 127.0.0.1. */
  readonly gatewayHost?: string;
  readonly gatewayPort: number;
  readonly verifies: boolean;
}

const LOOPBACK = '127.0.0.1';

export function initialConfig(choices: InitialChoices): NodeConfig {
  const { listen, peers, nats, nkey = false, gatewayHost = LOOPBACK, gatewayPort, verifies } = choices;
  return {
    v: 1,
    libp2p: listen === null ? null : { listen: [...listen], peers: [...peers], announce: null },
    nats: nats.length === 0 ? null : { servers: [...nats], ...(nkey ? { nkey } : {}) },
    gateway: { host: gatewayHost, port: gatewayPort, reads: 'open', peersWithinMs: null },
    events: { nats: false, privateWebhooks: false },
    speakAlone: false,
    kubo: null,
    content: contentConfig.parse({}),
    pins: pinsConfig.parse({}),
    verifier: {
      enabled: verifies,
      threads: 1,
      timeLimitMs: 30 * MINUTE_MS,
      memoryLimitBytes: 8 * GIB,
      fetchLimitBytes: 64 * GIB,
    },
  };
}
