import { join } from 'node:path';
import { expect, it } from 'vitest';
import { type AuditSource, auditFederation, WiresSource } from '../../protocols/audit/index.ts';
import type { MemberKey } from '../../protocols/base/ids.ts';
import { SYNC_EVIDENCE_LIMIT } from '../../protocols/base/limits.ts';
import { accept, refuse } from '../../protocols/base/result.ts';
import { encodeEntryBundle, TILE_WIDTH, tileBytes } from '../../protocols/feed/index.ts';
import { open, readStored } from '../../protocols/message/index.ts';
import {
  bodyCheckOf,
  type FederationRecord,
  RecordFold,
  recordDigest,
} from '../../protocols/record/index.ts';
import { nativeEd25519, nativeSha256 } from '../../services/keys/index.ts';
import { Ledger, LedgerReader } from '../../services/ledger/index.ts';
import { freshFolder } from '../support/fresh-folder.ts';
import { governedCharter, playGoverned, SHARED } from '../support/governed-histories.ts';
import { hasAllRuns, runsOf } from '../support/runs.ts';
import { pickBelow, randomFrom, testSeed } from '../support/seed.ts';

const HISTORIES = runsOf(60);
const charter = governedCharter();
const seed = testSeed();
const ed25519 = nativeEd25519();
const opening = {
  federation: charter.id,
  ed25519,
  sha256: nativeSha256,
  checkBody: bodyCheckOf({ federation: charter.id, ed25519 }),
};

/** What these histories do not have: their authors sign no heads, and their witnesses hardly look. */
const EXPECTED = new Set(['head-missing', 'cosignature-forged', 'feed-behind', 'head-contradicted']);

/** As `GET /feeds/…` serves them: up to forks, with tiles. */
function served(ledger: Ledger, fold: RecordFold): AuditSource {
  const treeOf = (feed: MemberKey) => fold.tree(feed);
  const record = fold.record();
  return {
    charters: async () => accept(fold.charters().map(({ document }) => document)),
    feeds: async () =>
      accept(ledger.heads().map(({ author }) => ({ feed: author, size: treeOf(author)?.size ?? 0 }))),
    checkpoint: async () => refuse('absent', 'no heads'),
    tile: async (feed, { level, index, width }) => {
      const tree = treeOf(feed);
      const from = index * TILE_WIDTH;
      const bytes =
        level === 'entries'
          ? encodeEntryBundle(ledger.range(feed, from, from + width))
          : tree && tileBytes(tree, { level, index, width });
      return bytes === null ? refuse('absent', 'no tile') : accept(bytes);
    },
    evidence: async (feed) => accept(ledger.evidence(feed, SYNC_EVIDENCE_LIMIT)),
    record: async () => accept({ record: JSON.parse(JSON.stringify(record)), digest: recordDigest(record) }),
    block: async () => refuse('absent', 'no content'),
  };
}

/** As the file lies on the disk. */
function stored(reader: LedgerReader): AuditSource {
  const feeds = reader.feeds().map(({ author: feed, length: size, signed: head }) => ({
    feed,
    size,
    head,
    wires: (from: number, to: number) => reader.range(feed, from, to),
    evidence: () => reader.evidence(feed),
  }));
  return new WiresSource({ federation: charter.id, charter: charter.document }, feeds);
}

function audit(source: AuditSource) {
  return auditFederation(source, {
    federation: charter.id,
    ed25519: { ...ed25519, ...SHARED },
    sha256: nativeSha256,
    bounds: { messages: 100_000, bytes: 100_000_000 },
    remembered: [],
    content: null,
  });
}

it(`an audit derives the record that the node has, whatever has happened: ${HISTORIES} histories`, async () => {
  const folder = await freshFolder();
  const seen = { forks: 0, versions: 0, voids: 0 };
  for (let run = 0; run < HISTORIES; run++) {
    const random = randomFrom(seed + run);
    const path = join(folder, `${run}.sqlite`);
    using ledger = new Ledger(path);
    for (const { wire } of playGoverned(charter, 20 + pickBelow(random, 60), random)) {
      const message = open(wire, opening);
      if (message.ok) await ledger.append(message.value, 1);
    }
    const fold = new RecordFold(charter, { sha256: nativeSha256 });
    for (const { wire } of ledger.rows(0)) fold.add(readStored(wire, nativeSha256));
    const record: FederationRecord = fold.record();
    using reader = new LedgerReader(path);
    for (const source of [served(ledger, fold), stored(reader)]) {
      const report = await audit(source);
      const where = `history ${seed + run}`;
      expect(report.digest.derived, where).toBe(recordDigest(record));
      expect(
        report.findings.filter(({ code }) => !EXPECTED.has(code)),
        where,
      ).toEqual([]);
      expect(report.notes.filter((note) => note.includes('two histories')).length, where).toBe(
        record.forks.length,
      );
      seen.voids += report.notes.filter((note) => note.includes('for nothing')).length;
    }
    seen.forks += record.forks.length;
    seen.versions += record.charter.version;
  }
  // the histories are worth their while only if all of this happens in them
  if (!hasAllRuns) return;
  for (const count of Object.values(seen)) expect(count).toBeGreaterThan(HISTORIES / 10);
});
