import { messageOf } from '../../protocols/base/errors.ts';
import type { MemberKey } from '../../protocols/base/ids.ts';
import { type Libp2pHost, peerIdOf } from '../network/index.ts';
import type { Chronicle } from './chronicle.ts';
import type { Face } from './face.ts';
import type { Home } from './home.ts';
import { followCards, introduce } from './introduction.ts';
import type { Reporter } from './report.ts';

/** Dials the members that the configuration and the cards name. */
export function meetMembers(
  { config, self, charter }: Home,
  { chronicle, face, host, report }: Meeting,
  signal: AbortSignal,
  gateway: string,
): Acquaintance {
  const acquaintance = {
    self: self.keys.signing,
    federation: charter.id,
    changed: chronicle.met,
    members: () => chronicle.fold.members(),
    message: face.message.bind(face),
    mustPublish: face.mustPublish.bind(face),
  };
  const libp2p = host === null ? [] : (config.libp2p?.announce ?? host.addresses());
  const introduction = () => introduce(acquaintance, { displayName: self.organisation, libp2p, gateway });
  if (host === null) return { introduce: introduction, following: Promise.resolve() };
  host.connect(config.libp2p?.peers ?? []);
  /** A card can send us to its own member only: other peer ids and malformed addresses are left out. */
  const dial = (key: MemberKey, addresses: readonly string[]): void => {
    const peer = `/p2p/${peerIdOf(chronicle.fold.charter().members.get(key)?.keys.libp2p ?? '')}`;
    for (const address of addresses.filter((each) => each.endsWith(peer))) {
      try {
        host.connect([address]);
      } catch (error) {
        report('node.card-address-refused', { member: key, detail: messageOf(error) });
      }
    }
  };
  return { introduce: introduction, following: followCards(acquaintance, dial, signal) };
}

export interface Acquaintance {
  /** Makes the node known to its federation. Resolves once its own card is durable. */
  introduce(): Promise<void>;
  /** Ends when the signal aborts. */
  readonly following: Promise<void>;
}

export interface Meeting {
  readonly chronicle: Chronicle;
  readonly face: Face;
  readonly host: Libp2pHost | null;
  readonly report: Reporter;
}
