import { randomBytes } from 'node:crypto';
import type { PlainObject } from '../../../protocols/base/plain.ts';
import { isKind } from '../../../protocols/kinds/index.ts';
import { type Message, readStored } from '../../../protocols/message/index.ts';
import type { OversightRecord } from '../../../protocols/record/index.ts';
import type { BlockSource } from '../../checkpoints/index.ts';
import { nativeSha256 } from '../../keys/index.ts';
import type { Ledger } from '../../ledger/index.ts';
import { peerIdOf } from '../../network/index.ts';
import type { Chronicle } from '../chronicle.ts';
import type { Content } from '../content.ts';
import type { Face } from '../face.ts';
import type { Home } from '../home.ts';
import type { Reporter } from '../report.ts';
import { systemTimer } from '../timer.ts';
import type { Transports } from '../transports.ts';
import { type Chance, CheckDesk, type DuePin } from './check-desk.ts';
import { KeepDesk } from './keep-desk.ts';
import { Keeping } from './keeping.ts';
import type { OwnFeeds } from './own-content.ts';

export interface PinNeeds {
  readonly home: Home;
  readonly chronicle: Chronicle;
  readonly content: Content;
  readonly face: Face;
  readonly transports: Transports;
  readonly isConnected: () => boolean;
  readonly report: Reporter;
}

/** The desk that checks promises, while its owner wants it; null where not. */
export function openCheckDesk(needs: PinNeeds): CheckDesk | null {
  const { home, chronicle, face, isConnected, report } = needs;
  const { checksPerDay, leavesPerCheck } = home.config.pins;
  if (checksPerDay === 0) return null;
  const clock = { now: () => Date.now() };
  return new CheckDesk(
    {
      due: () => duePins(chronicle.oversightRecord(), organisationOf(needs), clock.now()),
      sourcesOf: (member) => sourcesOf(needs, member),
      isConnected,
      publish: async (body) => void (await face.mustPublish('pin-check/1', body)),
      report,
      chance: systemChance,
      clock,
      timer: systemTimer,
    },
    { checksPerDay, sample: leavesPerCheck },
  );
}

/** The desk that promises of its own accord, where its owner wants it; null where not. */
export function openKeepDesk({ home, chronicle, report }: PinNeeds, keeping: Keeping): KeepDesk | null {
  const { keep, keepDays } = home.config.pins;
  if (keep === 'nothing') return null;
  return new KeepDesk(
    {
      keeping,
      record: () => chronicle.oversightRecord(),
      changed: chronicle.changed,
      name: () => nameOf(home, chronicle),
      report,
      clock: { now: () => Date.now() },
      timer: systemTimer,
    },
    { keepDays },
  );
}

/** @param speak publishes; resolves when the message is durable here */
export function openKeeping(
  { home, chronicle, content }: Pick<PinNeeds, 'home' | 'chronicle' | 'content'>,
  ledger: OwnFeeds & Pick<Ledger, 'get'>,
  speak: (kind: string, body: PlainObject) => Promise<Message>,
): Keeping {
  const { signing } = home.self.keys;
  return new Keeping({
    content,
    feeds: ledger,
    clock: { now: () => Date.now() },
    keys: () => [...new Set([...chronicle.fold.history().keysOf(home.self.name), signing])],
    name: () => nameOf(home, chronicle),
    record: () => chronicle.oversightRecord(),
    message: (id) => {
      const row = ledger.get(id);
      return row === null ? null : readStored(row.wire, nativeSha256);
    },
    publish: async (kind, body) => (await speak(kind, body)).id,
  });
}

function nameOf(home: Home, chronicle: Chronicle): string | null {
  return chronicle.fold.charter().members.get(home.self.keys.signing)?.name ?? null;
}

/** Promises of other organisations, in force, for checkpoints that somebody has released. */
function duePins(record: OversightRecord, own: string | null, atMs: number): DuePin[] {
  if (own === null) return [];
  const released = new Set(
    [...record.frontierReleases, ...record.analogReleases].map(({ checkpoint }) => checkpoint),
  );
  return record.pins.filter(
    ({ checkpoint, organisation, until }) => organisation !== own && atMs < until && released.has(checkpoint),
  );
}

/** Null while the charter in force does not name this node: its word would not count. */
function organisationOf({ chronicle, home }: PinNeeds): string | null {
  return chronicle.fold.charter().members.get(home.self.keys.signing)?.organisation ?? null;
}

/** A keeper by its own peer id, then by the gateway that its card names. */
function sourcesOf({ chronicle, content, face, transports }: PinNeeds, name: string): BlockSource[] {
  const entry = chronicle.fold.members().find((member) => member.name === name);
  const keys = entry === undefined ? undefined : chronicle.fold.charter().members.get(entry.key)?.keys;
  if (entry === undefined || keys === undefined) return [];
  const card = entry.card === null ? null : face.message(entry.card);
  const gateway = card !== null && isKind(card, 'member-card/1') ? card.body.endpoints.gateway : null;
  return [
    content.peer(transports.host, peerIdOf(keys.libp2p)),
    gateway === null ? null : content.gateway(gateway),
  ].filter((source) => source !== null);
}

/** 2^32 steps are enough for times and turns; seeds are drawn whole. */
const systemChance: Chance = {
  bytes: (count) => Uint8Array.from(randomBytes(count)),
  unit: () => (randomBytes(4).readUInt32BE() + 1) / 2 ** 32,
};
