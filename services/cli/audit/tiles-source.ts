import { open, readdir } from 'node:fs/promises';
import { join } from 'node:path';
import type { Answer, AuditSource, ListedFeed, ListedRecord } from '../../../protocols/audit/index.ts';
import { fromUtf8 } from '../../../protocols/base/bytes.ts';
import { hasErrno } from '../../../protocols/base/errors.ts';
import type { ContentId, MemberKey } from '../../../protocols/base/ids.ts';
import { FEEDS_LIMIT, NOTE_LIMIT_BYTES } from '../../../protocols/base/limits.ts';
import { accept, refuse } from '../../../protocols/base/result.ts';
import { formatTilePath, parseSize, type TileName } from '../../../protocols/feed/index.ts';
import { parseDidKey } from '../../../protocols/identity/did-key.ts';
import { ANSWER_LIMITS, parseCharters, parseEvidence, parseJson } from './answers.ts';

/** Where a downloaded node keeps what; the paths of its HTTP API, but for those that would be a file and a folder at once. */
const TILES_FILES = { charters: 'charter.json', record: 'record.json' } as const;

/** Downloaded tiles: `charter.json`, `feeds/<key>/checkpoint` and `feeds/<key>/tile/…`; `record.json` where it was taken too. */
export class TilesSource implements AuditSource {
  readonly #directory: string;

  constructor(directory: string) {
    this.#directory = directory;
  }

  async charters(): Promise<Answer<readonly unknown[]>> {
    const answer = await this.#read(TILES_FILES.charters, ANSWER_LIMITS.charters);
    if (!answer.ok) return answer;
    const history = parseCharters(answer.value);
    if (history.ok) return history;
    // the first charter alone, as it is handed round among members
    const document = parseJson(answer.value);
    return document.ok ? accept([document.value]) : document;
  }

  /** As much of each feed as its checkpoint covers. */
  async feeds(): Promise<Answer<readonly ListedFeed[]>> {
    const names = await readdir(join(this.#directory, 'feeds')).catch(() => []); // told as none
    const feeds: ListedFeed[] = [];
    for (const name of names.sort().slice(0, FEEDS_LIMIT)) {
      const feed = `did:key:${name}` as MemberKey;
      if (parseDidKey('ed25519', feed) === null) continue;
      const checkpoint = await this.checkpoint(feed);
      feeds.push({ feed, size: checkpoint.ok ? sizeIn(checkpoint.value) : 0 });
    }
    return accept(feeds);
  }

  checkpoint(feed: MemberKey): Promise<Answer<Uint8Array>> {
    return this.#read(join(folderOf(feed), 'checkpoint'), NOTE_LIMIT_BYTES);
  }

  tile(feed: MemberKey, name: TileName): Promise<Answer<Uint8Array>> {
    return this.#read(join(folderOf(feed), formatTilePath(name)), ANSWER_LIMITS.tile);
  }

  async evidence(feed: MemberKey): Promise<Answer<readonly Uint8Array[]>> {
    const answer = await this.#read(join(folderOf(feed), 'evidence'), ANSWER_LIMITS.evidence);
    return answer.ok ? parseEvidence(answer.value) : answer;
  }

  async record(): Promise<Answer<ListedRecord>> {
    const answer = await this.#read(TILES_FILES.record, ANSWER_LIMITS.record);
    if (!answer.ok) return answer.reason === 'absent' ? refuse('not-offered', 'no record') : answer;
    const record = parseJson(answer.value);
    return record.ok ? accept({ record: record.value, digest: null }) : record;
  }

  async block(_cid: ContentId): Promise<Answer<Uint8Array>> {
    return refuse('not-offered', 'no content');
  }

  async #read(path: string, limitBytes: number): Promise<Answer<Uint8Array>> {
    try {
      await using file = await open(join(this.#directory, path), 'r');
      const { size } = await file.stat();
      if (size > limitBytes) return refuse('answer-too-large', `${size} bytes`);
      return accept(new Uint8Array(await file.readFile()));
    } catch (error) {
      if (hasErrno(error, 'ENOENT')) return refuse('absent', `no ${path}`);
      throw error;
    }
  }
}

function folderOf(feed: MemberKey): string {
  return join('feeds', feed.slice('did:key:'.length));
}

/** What a checkpoint says of its size; 0 where it says none. It is judged later. */
function sizeIn(note: Uint8Array): number {
  try {
    return parseSize(fromUtf8(note).split('\n')[1] ?? '') ?? 0;
  } catch {
    return 0; // not UTF-8: refused as a checkpoint
  }
}
