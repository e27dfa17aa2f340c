import { readFile } from 'node:fs/promises';
import { OversightError } from '../../protocols/base/errors.ts';
import { deriveKey } from '../../protocols/identity/derive.ts';
import {
  Libp2pHost,
  Libp2pTransport,
  type NatsAuth,
  NatsTransport,
  type Transport,
} from '../network/index.ts';
import { Admission } from './admission.ts';
import type { Home } from './home.ts';
import { nkeyUserSeed } from './nkey.ts';

export interface Transports {
  readonly host: Libp2pHost | null;
  readonly nats: NatsTransport | null;
  readonly all: readonly Transport[];
  readonly admission: Admission;
}

/** The transports that the configuration names, not started yet; the libp2p host listens already. */
export async function openTransports(
  home: Home,
  { signal }: { readonly signal: AbortSignal },
): Promise<Transports> {
  const { config, charter, seed, self } = home;
  const admission = new Admission(charter, config.libp2p?.peers ?? []);
  const host =
    config.libp2p === null
      ? null
      : await Libp2pHost.start(
          {
            seed: deriveKey(seed, 'libp2p'),
            federation: charter.id,
            listen: config.libp2p.listen,
            admits: (peer) => admission.admitsPeer(peer),
          },
          { signal },
        );
  const nats =
    config.nats === null
      ? null
      : new NatsTransport({
          servers: config.nats.servers,
          auth: await natsAuth(home),
          ...(config.nats.caFile === undefined ? {} : { tls: { caFile: config.nats.caFile } }),
          federation: charter.id,
          member: self.keys.signing,
          admits: (member) => admission.admitsMember(member),
          // beside libp2p a lost server is an outage to wait out; alone it is a mistake to tell
          whenUnreachable: host === null ? 'fail' : 'wait',
        });
  const all: Transport[] = [];
  if (host !== null) all.push(new Libp2pTransport(host));
  if (nats !== null) all.push(nats);
  return { host, nats, all, admission };
}

async function natsAuth({ config, seed }: Home): Promise<NatsAuth> {
  const nats = config.nats;
  if (nats === null) return { kind: 'none' };
  if (nats.nkey === true) return { kind: 'nkey', seed: nkeyUserSeed(deriveKey(seed, 'nats')) };
  if (nats.credentialsFile !== undefined) {
    try {
      return { kind: 'creds', creds: await readFile(nats.credentialsFile) };
    } catch (error) {
      throw new OversightError('config-invalid', `cannot read ${nats.credentialsFile}`, { cause: error });
    }
  }
  if (nats.token !== undefined) return { kind: 'token', token: nats.token };
  if (nats.user !== undefined) return { kind: 'password', user: nats.user, password: nats.password ?? '' };
  return { kind: 'none' };
}
