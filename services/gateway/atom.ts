import type { CloudEvent } from '../../protocols/events/index.ts';

export interface AtomSource {
  /** Name of the federation. */
  readonly title: string;
  /** did:key of the node that tells. */
  readonly node: string;
  /** `http://host:port`, as it was asked. */
  readonly address: string;
  /** Of the feed, with its query. */
  readonly path: string;
}

/** What XML 1.0 cannot hold, even escaped: control characters, halves of pairs, and two that stand for nothing. */
const NOT_XML = /\p{Cc}|\p{Cs}|[\ufffe\uffff]/gu;

/** An Atom feed (RFC 4287) of events, the newest first. Ids are of node and cursor, so they stay. */
export function atomFeed(events: readonly CloudEvent[], source: AtomSource): string {
  const { title, node, address, path } = source;
  return [
    '<?xml version="1.0" encoding="utf-8"?>',
    '<feed xmlns="http://www.w3.org/2005/Atom">',
    `<id>${escaped(`urn:oversight:events:${node}`)}</id>`,
    `<title>${escaped(title)}</title>`,
    `<updated>${events[0]?.time ?? '1970-01-01T00:00:00.000Z'}</updated>`,
    `<link rel="self" href="${escaped(address + path)}"/>`,
    ...events.map((event) => entryOf(event, source)),
    '</feed>',
    '',
  ].join('\n');
}

function entryOf({ id, time, type, subject, data }: CloudEvent, { node, address }: AtomSource): string {
  return [
    '<entry>',
    `<id>${escaped(`urn:oversight:event:${node}:${id}`)}</id>`,
    `<title>${escaped(data.summary)}</title>`,
    `<updated>${escaped(time)}</updated>`,
    `<author><name>${escaped(data.authorName)}</name></author>`,
    `<category term="${escaped(type)}"/>`,
    `<link rel="alternate" type="application/json" href="${escaped(`${address}/messages/${subject}`)}"/>`,
    `<summary>${escaped(data.summary)}</summary>`,
    '</entry>',
  ].join('\n');
}

function escaped(text: string): string {
  return text
    .replaceAll(NOT_XML, ' ')
    .replaceAll('&', '&amp;')
    .replaceAll('<', '&lt;')
    .replaceAll('>', '&gt;')
    .replaceAll('"', '&quot;');
}
