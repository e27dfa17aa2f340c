import { byteText, utf8 } from '../base/bytes.ts';
import type { MemberKey } from '../base/ids.ts';
import { fromBase64 } from '../codec/base64.ts';
import {
  checkpointText,
  cosignatureVerifier,
  type Hash,
  keyId,
  NOTE_KEY_TYPE,
  type NoteKey,
  type NoteUnverified,
  verifyCosignature,
  verifyHead,
  witnessNoteKey,
} from '../feed/index.ts';
import { parseDidKey } from '../identity/did-key.ts';
import type { AuditCase } from './case.ts';
import type { FeedAudit, Told } from './feed.ts';
import { fitOf } from './heads.ts';

/** A head that somebody says its author has signed. */
interface SeenHead {
  readonly feed: MemberKey;
  readonly size: number;
  readonly root: Hash;
  readonly witness: MemberKey;
  readonly message: string;
}

/** Cosignatures that messages tell of: their signatures at once, their roots once all feeds are there. spec 16-audit §2.8 */
export class WitnessAudit {
  readonly #case: AuditCase;
  /** One of each head. */
  readonly #heads = new Map<string, SeenHead>();

  constructor(audit: AuditCase) {
    this.#case = audit;
  }

  take({ entry, carrier, message }: Told): void {
    const { genesis, opening, findings } = this.#case;
    const { feed, size, witness, time } = entry;
    const [root, head, signature] = [entry.root, entry.head, entry.signature].map(fromBase64);
    const key = parseDidKey('ed25519', witness);
    // the schema of the kind has looked at their form
    if (!root || !head || !signature || key === null) return;
    const name = `${feed} ${size} ${byteText(root)}`;
    const isSigned =
      this.#heads.has(name) ||
      verifyHead({ author: feed, size, root, signature: head }, genesis.id, opening.ed25519);
    const text = utf8(checkpointText(genesis.id, { author: feed, size, root }));
    if (!isSigned || !verifyCosignature(text, { time, signature }, key, opening.ed25519)) {
      const who = `${this.#case.nameOf(carrier)} tells of a head of ${this.#case.nameOf(feed)} (${size} messages)`;
      const what = isSigned ? 'that its witness has not signed' : 'that its author has not signed';
      findings.add('witnesses', 'cosignature-forged', `${who} ${what}.`, { feed: carrier, id: message });
      return;
    }
    findings.holds('witnesses');
    if (!this.#heads.has(name)) this.#heads.set(name, { feed, size, root, witness, message });
  }

  /** Whether the feeds are those that their authors showed to witnesses. */
  judge(feeds: ReadonlyMap<MemberKey, FeedAudit>): void {
    const { findings } = this.#case;
    const behind = new Map<MemberKey, SeenHead>();
    for (const seen of this.#heads.values()) {
      const name = this.#case.nameOf(seen.feed);
      const fit = fitOf(this.#case, feeds.get(seen.feed), seen);
      if (fit === 'behind' && (behind.get(seen.feed)?.size ?? 0) < seen.size) behind.set(seen.feed, seen);
      if (fit !== 'rewritten') continue;
      const detail = `${name} has signed another history for ${this.#case.nameOf(seen.witness)} than the source shows: their first ${seen.size} messages differ.`;
      findings.add('witnesses', 'head-contradicted', detail, { feed: seen.feed, id: seen.message });
    }
    for (const [feed, { size, witness, message }] of behind) {
      const detail = `${this.#case.nameOf(witness)} has seen ${size} messages of ${this.#case.nameOf(feed)}; the source shows ${feeds.get(feed)?.tree.size ?? 0}.`;
      findings.add('witnesses', 'feed-behind', detail, { feed, id: message });
    }
  }

  /** Lines under a checkpoint by witnesses that some version of the charter names. */
  judgeNote(feed: MemberKey, note: NoteUnverified): void {
    const { findings, opening } = this.#case;
    const text = utf8(note.text);
    for (const key of witnessKeys(this.#case)) {
      const verifier = cosignatureVerifier(key, opening.ed25519);
      const id = keyId(key.name, key.type, key.publicKey);
      for (const line of note.signatures) {
        if (line.name !== key.name || line.keyId !== id) continue;
        if (verifier.verify(text, line.signature)) findings.holds('witnesses');
        else {
          const detail = `A cosignature under the signed head of ${this.#case.nameOf(feed)} does not verify: that of ${key.name}.`;
          findings.add('witnesses', 'cosignature-forged', detail, { feed });
        }
      }
    }
  }
}

function witnessKeys({ fold, genesis }: AuditCase): NoteKey[] {
  const history = fold.history();
  const members = [...history.keys()].map(({ key }) => witnessNoteKey(genesis.id, key));
  const outside = new Map<string, NoteKey>();
  for (const { document } of history.charters)
    for (const { key, keyName } of document.policy.witness.outside) {
      const publicKey = parseDidKey('ed25519', key);
      if (publicKey !== null)
        outside.set(`${keyName} ${key}`, { name: keyName, type: NOTE_KEY_TYPE.cosignature, publicKey });
    }
  return [...members, ...outside.values()];
}
