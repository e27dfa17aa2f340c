import { compareText } from '../base/bytes.ts';
import type { MemberKey, MessageId } from '../base/ids.ts';
import type { CharterHistory, KeyHistory } from '../charter/index.ts';
import type { CharterMember, Former } from '../kinds/index.ts';
import type { HeldFeed } from './held-feed.ts';
import { isOf } from './kept.ts';
import type { FeedEntry, ForkEntry, FormerKeyEntry, FormerMemberEntry, MemberEntry } from './record.ts';

/** What the members' entries are written from. */
export interface MemberSource {
  readonly history: CharterHistory;
  feed(key: MemberKey): HeldFeed | null;
  /** Whether the message at this place of a chain counts. */
  counts(feed: HeldFeed, sequence: number): boolean;
  witnessed(feed: HeldFeed): FeedEntry['witnessed'];
}

/** spec 08-record §3.3 */
export function memberEntries(source: MemberSource): MemberEntry[] {
  return byName(source.history.current.document.members.map((member) => memberEntry(source, member)));
}

/** spec 08-record §3.4 */
export function formerMemberEntries(source: MemberSource): FormerMemberEntry[] {
  const { history } = source;
  const current = new Set(history.current.document.members.map(({ name }) => name));
  const gone = new Map<string, Former>();
  for (const entry of history.current.document.former)
    if (!current.has(entry.name)) gone.set(entry.name, entry);
  return byName(
    [...gone.values()].map(({ name, organisation }) => ({
      name,
      organisation,
      former: formerEntries(source, name),
    })),
  );
}

/** spec 08-record §3.5 */
export function forkEntries({ history, feed }: MemberSource): ForkEntry[] {
  return [...history.keys()]
    .flatMap(({ key, name }) => {
      const stop = feed(key)?.stop ?? null;
      return stop?.reason === 'fork' ? [{ key, name, at: stop.at }] : [];
    })
    .sort((a, b) => compareText(a.key, b.key));
}

function memberEntry(source: MemberSource, { name, organisation, roles, keys }: CharterMember): MemberEntry {
  const feeds = source.history.keysOf(name).flatMap((key) => source.feed(key) ?? []);
  return {
    name,
    organisation,
    roles,
    key: keys.signing,
    feed: feedEntry(source, keys.signing),
    ratification: ratificationIn(source, feeds),
    card: cardIn(source, feeds),
    former: formerEntries(source, name),
  };
}

/** The first counted statement, the oldest key first. */
function ratificationIn({ history, counts }: MemberSource, feeds: readonly HeldFeed[]): MessageId | null {
  const federation = history.charters[0]?.id;
  for (const feed of feeds) {
    for (const [sequence, message] of feed.kept) {
      const isOne = isOf(message, 'charter/1') && message.body.charter === federation;
      if (isOne && counts(feed, sequence)) return message.id;
    }
  }
  return null;
}

/** The last counted card, the newest key first. */
function cardIn({ counts }: MemberSource, feeds: readonly HeldFeed[]): MessageId | null {
  for (const feed of feeds.toReversed()) {
    for (let at = feed.length - 1; at >= 0; at--) {
      if (feed.kinds[at] === 'member-card/1' && counts(feed, at)) return feed.at(at).id;
    }
  }
  return null;
}

function formerEntries(source: MemberSource, name: string): FormerKeyEntry[] {
  const { history } = source;
  return history
    .keysOf(name)
    .map((key) => history.of(key) as KeyHistory)
    .flatMap(({ key, former }) => {
      if (former === null) return [];
      const { reason, last, compromisedAt = null } = former;
      return [{ key, reason, last, compromisedAt, feed: feedEntry(source, key) }];
    });
}

function feedEntry({ feed, witnessed }: MemberSource, key: MemberKey): FeedEntry {
  const held = feed(key);
  if (held === null) return { length: 0, head: null, stop: null, witnessed: null };
  const { sound, ids, stop } = held;
  return { length: sound, head: ids[sound - 1] ?? null, stop, witnessed: witnessed(held) };
}

function byName<T extends { readonly name: string }>(entries: readonly T[]): T[] {
  return [...entries].sort((a, b) => compareText(a.name, b.name));
}
