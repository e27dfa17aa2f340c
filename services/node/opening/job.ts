import type { FederationId, MemberKey, MessageId } from '../../../protocols/base/ids.ts';
import { accept, type Result, refuse } from '../../../protocols/base/result.ts';
import { decodeEntryBundle, encodeEntryBundle } from '../../../protocols/feed/index.ts';
import { isKind } from '../../../protocols/kinds/index.ts';
import {
  DeferredMessage,
  type Message,
  type OpenRefusal,
  open,
  openVouched,
} from '../../../protocols/message/index.ts';
import type { EventType } from '../../gateway/ports.ts';
import { eventOf } from '../event-kinds.ts';
import type { OpeningContext } from './context.ts';
import { ReadMessage } from './read-message.ts';

/** `head`: the author's signed head vouches for the messages, and their leaves are wanted. */
export type Voucher = 'signature' | 'head';

/** Messages for a worker, one after another. Copying what it is posted costs more the more objects it is made of. */
export interface OpeningJob {
  readonly by: Voucher;
  readonly count: number;
  readonly bundle: Uint8Array<ArrayBuffer>;
}

/**
 * What the worker found, column by column: a thread is told of a text at a cost of its own, so texts that repeat are told
 * once. Fields of a refused message are empty.
 */
export interface OpeningReply {
  readonly ids: string[];
  readonly authors: Repeated;
  readonly sequences: number[];
  /** Left out where it is the id before. */
  readonly previous: (string | null | undefined)[];
  readonly issuedAt: number[];
  readonly kinds: Repeated;
  /** Findings that verdicts are on; this and the events where a head vouches. */
  readonly findings: (string | null)[];
  readonly eventTypes: Repeated;
  readonly eventData: string[];
  readonly refusals: { readonly at: number; readonly reason: OpenRefusal; readonly detail: string }[];
  /** 32 bytes a message, where asked for. */
  readonly leaves: Uint8Array<ArrayBuffer>;
}

/** Few texts, and which of them stands in each row. */
interface Repeated {
  readonly texts: string[];
  readonly rows: number[];
}

export type Opened = Result<Message, OpenRefusal>;

export function jobOf(wires: readonly Uint8Array[], by: Voucher): OpeningJob {
  return { by, count: wires.length, bundle: encodeEntryBundle(wires) as Uint8Array<ArrayBuffer> };
}

/** In the worker. */
export function runJob({ by, count, bundle }: OpeningJob, context: OpeningContext): OpeningReply {
  const wires = decodeEntryBundle(bundle, count);
  if (!wires.ok) throw new TypeError(wires.detail);
  const reply: OpeningReply = {
    ids: [],
    authors: { texts: [], rows: [] },
    sequences: [],
    previous: [],
    issuedAt: [],
    kinds: { texts: [], rows: [] },
    findings: [],
    eventTypes: { texts: [], rows: [] },
    eventData: [],
    refusals: [],
    leaves: new Uint8Array(by === 'head' ? 32 * count : 0),
  };
  for (const [at, wire] of wires.value.entries()) {
    const opened = by === 'head' ? openVouched(wire, context) : open(wire, context);
    const message = opened.ok ? opened.value : null;
    const previous = message?.previous ?? null;
    reply.previous.push(at > 0 && previous === reply.ids[at - 1] ? undefined : previous);
    reply.ids.push(message?.id ?? '');
    put(reply.authors, message?.author ?? '');
    reply.sequences.push(message?.sequence ?? 0);
    reply.issuedAt.push(message?.issuedAt ?? 0);
    put(reply.kinds, message?.kind ?? '');
    if (!opened.ok) reply.refusals.push({ at, reason: opened.reason, detail: opened.detail });
    if (by !== 'head') continue;
    reply.leaves.set(context.leaves.hash(wire), 32 * at);
    const told = message === null ? null : eventOf(message);
    reply.findings.push(message !== null && isKind(message, 'verdict/1') ? message.body.finding : null);
    put(reply.eventTypes, told?.type ?? '');
    reply.eventData.push(JSON.stringify(told?.data));
  }
  return reply;
}

function put({ texts, rows }: Repeated, text: string): void {
  const known = texts.indexOf(text);
  rows.push(known < 0 ? texts.push(text) - 1 : known);
}

function textAt({ texts, rows }: Repeated, row: number): string {
  return texts[rows[row] as number] as string;
}

/** Back in the thread that holds the bytes. */
export function openedOf(
  reply: OpeningReply,
  wires: readonly Uint8Array[],
  federation: FederationId,
): Opened[] {
  const opened: Opened[] = wires.map((wire, i) => {
    const fields = {
      id: reply.ids[i] as MessageId,
      federation,
      author: textAt(reply.authors, i) as MemberKey,
      sequence: reply.sequences[i] as number,
      previous: (reply.previous[i] === undefined ? reply.ids[i - 1] : reply.previous[i]) as MessageId | null,
      issuedAt: reply.issuedAt[i] as number,
      kind: textAt(reply.kinds, i),
      finding: (reply.findings[i] ?? null) as MessageId | null,
      wire,
    };
    const data = reply.eventData[i];
    if (data === undefined) return accept(new DeferredMessage(fields));
    return accept(new ReadMessage(fields, { type: textAt(reply.eventTypes, i) as EventType, data }));
  });
  for (const { at, reason, detail } of reply.refusals) opened[at] = refuse(reason, detail);
  return opened;
}
