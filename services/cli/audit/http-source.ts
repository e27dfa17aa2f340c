import type { Answer, AuditSource, ListedFeed, ListedRecord } from '../../../protocols/audit/index.ts';
import type { ContentId, MemberKey } from '../../../protocols/base/ids.ts';
import { NOTE_LIMIT_BYTES } from '../../../protocols/base/limits.ts';
import { accept } from '../../../protocols/base/result.ts';
import { formatTilePath, type TileName } from '../../../protocols/feed/index.ts';
import { ANSWER_LIMITS, parseCharters, parseEvidence, parseFeeds, parseJson } from './answers.ts';
import type { BoundedFetch } from './bounded-fetch.ts';

/** A node by its public HTTP API (services/gateway/README.md). */
export class HttpSource implements AuditSource {
  readonly #fetch: BoundedFetch;

  constructor(fetch: BoundedFetch) {
    this.#fetch = fetch;
  }

  async charters(): Promise<Answer<readonly unknown[]>> {
    const answer = await this.#fetch.bytes('/charter/history', ANSWER_LIMITS.charters);
    return answer.ok ? parseCharters(answer.value) : answer;
  }

  async feeds(): Promise<Answer<readonly ListedFeed[]>> {
    const answer = await this.#fetch.bytes('/feeds', ANSWER_LIMITS.feeds);
    return answer.ok ? parseFeeds(answer.value) : answer;
  }

  checkpoint(feed: MemberKey): Promise<Answer<Uint8Array>> {
    return this.#fetch.bytes(`${prefixOf(feed)}/checkpoint`, NOTE_LIMIT_BYTES);
  }

  tile(feed: MemberKey, name: TileName): Promise<Answer<Uint8Array>> {
    return this.#fetch.bytes(`${prefixOf(feed)}/${formatTilePath(name)}`, ANSWER_LIMITS.tile);
  }

  async evidence(feed: MemberKey): Promise<Answer<readonly Uint8Array[]>> {
    const answer = await this.#fetch.bytes(`${prefixOf(feed)}/evidence`, ANSWER_LIMITS.evidence);
    return answer.ok ? parseEvidence(answer.value) : answer;
  }

  async record(): Promise<Answer<ListedRecord>> {
    const answer = await this.#fetch.tagged('/record', ANSWER_LIMITS.record);
    if (!answer.ok) return answer;
    const record = parseJson(answer.value.bytes);
    return record.ok ? accept({ record: record.value, digest: answer.value.tag }) : record;
  }

  block(cid: ContentId): Promise<Answer<Uint8Array>> {
    return this.#fetch.bytes(`/ipfs/${cid}?format=raw`, ANSWER_LIMITS.block);
  }
}

function prefixOf(feed: MemberKey): string {
  return `/feeds/${feed.slice('did:key:'.length)}`;
}
