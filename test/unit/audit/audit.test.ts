import { describe, expect, it } from 'vitest';
import {
  type AuditReport,
  type AuditSource,
  judgeAgainst,
  SOURCE_FAULTS,
  type SourceFault,
} from '../../../protocols/audit/index.ts';
import { equalBytes, utf8 } from '../../../protocols/base/bytes.ts';
import type { FederationId, MemberKey } from '../../../protocols/base/ids.ts';
import type { PlainObject } from '../../../protocols/base/plain.ts';
import { accept, refuse } from '../../../protocols/base/result.ts';
import { draftProposal } from '../../../protocols/charter/index.ts';
import { toBase64 } from '../../../protocols/codec/base64.ts';
import { documentName } from '../../../protocols/codec/cid.ts';
import { encode } from '../../../protocols/codec/codec.ts';
import { checkpointNote, signHead } from '../../../protocols/feed/index.ts';
import { AuditedFederation, codesOf, tileOf } from '../../support/audited.ts';
import { charterDocumentOf, charterOf, type MemberName } from '../../support/federation.ts';
import { analogBody, charterBody, claimOf, findingBody, frontierBody } from '../../support/samples.ts';

const LAB = 'example-lab';

/** A federation that has said and witnessed something. */
function spoken(): AuditedFederation {
  const federation = new AuditedFederation();
  const names: MemberName[] = [
    LAB,
    'example-academy',
    'example-regulator',
    'verifier-north',
    'example-observer',
  ];
  for (const name of names) federation.say(name, 'charter/1', charterBody(federation.federation));
  const frontier = federation.say(LAB, 'frontier-release/1', frontierBody('frontier', 1_000_000));
  federation.say(LAB, 'analog-release/1', analogBody(frontier.id, 20_000));
  federation.say('example-academy', 'finding/1', findingBody('a finding', claimOf()));
  for (let i = 0; i < 300; i++) federation.say(LAB, 'note/1', { text: `${i}` });
  federation.witness();
  return federation;
}

function stateOf({ checks }: AuditReport, name: string): string | undefined {
  return checks.find(({ check }) => check === name)?.state;
}

/** The same source with the entries of one feed replaced, heads and record as they were. */
function withEntries(
  federation: AuditedFederation,
  name: string,
  change: (entries: Uint8Array[]) => Uint8Array[],
) {
  const key = federation.keyOf(name);
  const entries = change([...federation.feed(name).entries]);
  const source = federation.source();
  return federation.source({
    tile: async (feed, tile) => {
      const bytes = feed === key ? tileOf(entries, tile) : null;
      return bytes === null
        ? feed === key
          ? refuse('absent', 'none')
          : source.tile(feed, tile)
        : accept(bytes);
    },
  });
}

function withRecord(
  federation: AuditedFederation,
  change: (record: Record<string, unknown>) => void,
): AuditSource {
  const record = structuredClone(federation.record().record) as Record<string, unknown>;
  change(record);
  const digest = documentName(encode(record));
  return federation.source({ record: async () => accept({ record, digest }) });
}

function flipped(bytes: Uint8Array, at = bytes.length - 1): Uint8Array {
  const copy = bytes.slice();
  copy[at] = (copy[at] as number) ^ 1;
  return copy;
}

describe('a source whose claims are true', () => {
  it('holds in every point', async () => {
    const report = await spoken().audit();
    expect(report.findings).toEqual([]);
    expect(report.outcome).toBe('holds');
    expect(report.digest.derived).toBe(report.digest.claimed);
    const holding = report.checks.filter(({ state }) => state === 'holds').map(({ check }) => check);
    expect(holding).toEqual([
      'federation',
      'signatures',
      'trees',
      'tiles',
      'charter',
      'authority',
      'witnesses',
      'times',
      'record',
    ]);
  });

  it('says so where the anchor was taken from the source itself', async () => {
    const federation = spoken();
    expect((await federation.audit()).isAnchored).toBe(true);
    expect((await federation.audit(federation.source(), { federation: null })).isAnchored).toBe(false);
  });

  it('is one whose record was asked while it went on', async () => {
    const federation = spoken();
    const source = federation.source();
    const moving = federation.source({
      record: async () => {
        federation.say(LAB, 'note/1', { text: 'meanwhile' });
        return source.record();
      },
    });
    expect((await federation.audit(moving)).findings).toEqual([]);
  });
});

describe('a spoiled source is told by its code', () => {
  it('another federation', async () => {
    const federation = spoken();
    const other = new AuditedFederation(charterDocumentOf(['example-lab']));
    const report = await federation.audit(other.source());
    expect(codesOf(report)).toEqual(['federation-wrong']);
  });

  it('one flipped byte in a signature of a bulk message, which its signed head vouches for', async () => {
    const federation = spoken();
    const { entries } = federation.feed(LAB);
    entries[5] = flipped(entries[5] as Uint8Array);
    federation.sign(LAB);
    // witnesses saw it so, too: nothing but the signature itself gives it away
    const report = await federation.audit(
      federation.source({ record: async () => refuse('not-offered', '') }),
    );
    expect(codesOf(report)).toContain('signature-invalid');
    expect(report.findings.find(({ code }) => code === 'signature-invalid')).toMatchObject({
      feed: federation.keyOf(LAB),
      sequence: 5,
    });
    expect(stateOf(report, 'trees')).toBe('holds');
  });

  it('an entry bundle that lies', async () => {
    const federation = spoken();
    const source = federation.source();
    const lying = federation.source({
      tile: async (feed, tile) => {
        const served = await source.tile(feed, tile);
        const isIt = feed === federation.keyOf(LAB) && tile.level === 'entries' && tile.index === 1;
        return isIt && served.ok ? accept(flipped(served.value)) : served;
      },
    });
    const report = await federation.audit(lying);
    expect(codesOf(report)).toEqual(['absent', 'bundle-wrong']);
    expect(report.findings[0]).toMatchObject({
      code: 'bundle-wrong',
      feed: federation.keyOf(LAB),
      sequence: 302,
    });
    expect(stateOf(report, 'record')).toBe('unchecked');
  });

  it('a tile that lies', async () => {
    const federation = spoken();
    const source = federation.source();
    for (const level of [0, 1]) {
      const lying = federation.source({
        tile: async (feed, tile) => {
          const served = await source.tile(feed, tile);
          const isIt = feed === federation.keyOf(LAB) && tile.level === level && tile.index === 0;
          return isIt && served.ok ? accept(flipped(served.value, 0)) : served;
        },
      });
      const report = await federation.audit(lying);
      expect(codesOf(report)).toEqual(['tile-wrong']);
      expect(stateOf(report, 'record')).toBe('holds');
    }
  });

  it('a truncated feed', async () => {
    const federation = spoken();
    const report = await federation.audit(
      federation.source({
        feeds: async () =>
          accept(
            [...federation.feeds].map(([feed]) => ({ feed, size: feed === federation.keyOf(LAB) ? 300 : 2 })),
          ),
        record: async () => refuse('not-offered', ''),
      }),
    );
    expect(codesOf(report)).toContain('feed-truncated');
    expect(codesOf(report)).toContain('feed-behind');
  });

  it('a rewritten feed with a new head: what witnesses saw gives it away', async () => {
    const federation = spoken();
    const { entries, author } = federation.feed(LAB);
    entries[entries.length - 1] = author.branch('note/1', { text: 'rewritten' }).wire;
    federation.sign(LAB);
    const report = await federation.audit(
      federation.source({ record: async () => refuse('not-offered', '') }),
    );
    expect(codesOf(report)).toContain('head-contradicted');
    expect(stateOf(report, 'trees')).toBe('holds');
  });

  it('a head that the entries do not give', async () => {
    const federation = spoken();
    const report = await federation.audit(
      withEntries(federation, LAB, (entries) => {
        const [first, ...rest] = entries;
        return [...rest.slice(0, 0), first as Uint8Array, ...rest.slice(1), rest[0] as Uint8Array];
      }),
    );
    expect(codesOf(report)).toContain('root-wrong');
    expect(codesOf(report)).toContain('message-misplaced');
  });

  it('a head that its author has not signed', async () => {
    const federation = spoken();
    const feed = federation.feed(LAB);
    const head = feed.head;
    if (head === null) throw new TypeError('a head was signed');
    const forged = utf8(
      checkpointNote({ ...head, signature: flipped(head.signature, 0) }, federation.federation),
    );
    const source = federation.source();
    const report = await federation.audit(
      federation.source({
        checkpoint: async (key) => (key === head.author ? accept(forged) : source.checkpoint(key)),
      }),
    );
    expect(codesOf(report)).toEqual(['head-invalid']);
  });

  it('a forged cosignature', async () => {
    const federation = spoken();
    const head = federation.sign(LAB);
    const entry = federation.cosigned('example-academy', head, 1_790_000_200);
    const message = federation.say('example-academy', 'cosignatures/1', {
      entries: [{ ...entry, time: 1_600_000_000 }],
    });
    federation.sign('example-academy');
    const report = await federation.audit();
    expect(codesOf(report)).toEqual(['cosignature-forged']);
    expect(report.findings[0]).toMatchObject({ id: message.id });
  });

  it('a void message counted', async () => {
    const federation = spoken();
    const forbidden = federation.say('example-observer', 'finding/1', findingBody('forbidden', claimOf()));
    federation.sign('example-observer');
    const report = await federation.audit(
      withRecord(federation, (record) => {
        const [first] = record['findings'] as PlainObject[];
        (record['findings'] as unknown[]).push({ ...first, id: forbidden.id });
      }),
    );
    expect(codesOf(report)).toEqual(['record-wrong', 'void-counted']);
    expect(report.findings.find(({ code }) => code === 'void-counted')).toMatchObject({ id: forbidden.id });
  });

  it('a message left out, and one that is not there', async () => {
    const federation = spoken();
    const missing = 'bafyreif2z43bdxaex4anwixduienuenczlf6mrimh3btt2q5sekklx5rj4';
    const report = await federation.audit(
      withRecord(federation, (record) => {
        const [first] = record['findings'] as PlainObject[];
        record['findings'] = [{ ...first, id: missing }];
      }),
    );
    expect(codesOf(report)).toEqual(['message-left-out', 'message-missing', 'record-wrong']);
  });

  it('a wrong record digest', async () => {
    const federation = spoken();
    const { record } = federation.record();
    const digest = 'bafyreif2z43bdxaex4anwixduienuenczlf6mrimh3btt2q5sekklx5rj4';
    const report = await federation.audit(
      federation.source({ record: async () => accept({ record, digest }) }),
    );
    expect(codesOf(report)).toEqual(['digest-wrong']);
  });

  it('a wrong established time, a wrong standing, a fork that nothing proves', async () => {
    const federation = spoken();
    const report = await federation.audit(
      withRecord(federation, (record) => {
        const [analog] = record['analogReleases'] as Record<string, unknown>[];
        const [finding] = record['findings'] as Record<string, unknown>[];
        if (analog !== undefined) analog['established'] = 1;
        if (finding !== undefined) finding['standing'] = 'confirmed';
        (record['forks'] as unknown[]).push({ key: federation.keyOf(LAB), name: LAB, at: 3 });
      }),
    );
    expect(codesOf(report)).toEqual(['fork-unproven', 'record-wrong', 'time-wrong', 'verdict-wrong']);
  });

  it('a missing charter consent', async () => {
    const federation = spoken();
    const draft = draftProposal(charterOf(federation.document), [{ change: 'name', name: 'Another name' }], {
      reason: 'why not',
      lengthOf: () => 0,
    });
    if (!draft.ok) throw new TypeError(draft.detail);
    const { body, charter } = draft.value;
    const proposal = federation.say(LAB, 'charter-proposal/1', body as unknown as PlainObject);
    const consent = { version: 1, charter: charter.id, proposal: proposal.id };
    for (const name of [LAB, 'example-academy', 'example-regulator', 'verifier-north'] as const)
      federation.say(name, 'charter-consent/1', consent);
    for (const name of [LAB, 'example-academy', 'example-regulator', 'verifier-north']) federation.sign(name);
    const report = await federation.audit(
      withRecord(federation, (record) => {
        const history = (record['charter'] as { history: unknown[] }).history;
        history.push({ version: 1, id: charter.id, proposal: proposal.id });
      }),
    );
    expect(codesOf(report)).toEqual(['charter-unconsented', 'record-wrong']);
    expect(report.notes.join()).toContain('4 of 5 consents');
  });

  it('a fork that the record hides', async () => {
    const federation = spoken();
    const { author } = federation.feed(LAB);
    const one = federation.say(LAB, 'note/1', { text: 'one' });
    const other = { ...one, wire: flipped(one.wire) };
    expect(equalBytes(one.wire, other.wire)).toBe(false);
    federation.sign(LAB);
    const before = federation.record();
    const second = author.branch('note/1', { text: 'two' });
    expect(second.sequence).toBe(one.sequence + 1);
    const fork = new AuditedFederation().feed(LAB).author;
    for (let i = 0; i < one.sequence; i++) fork.say('note/1', { text: 'other' });
    const proof = fork.branch('note/1', { text: 'another past' }).wire;
    const source = federation.source({
      record: async () => accept(before),
      evidence: async (feed: MemberKey) => accept(feed === federation.keyOf(LAB) ? [proof] : []),
    });
    const report = await federation.audit(source);
    expect(codesOf(report)).toContain('fork-hidden');
    expect(report.notes.join()).toContain('two histories');
  });

  it('two heads of one size, told by a member: the source is true, and the reader is told', async () => {
    const federation = spoken();
    const head = federation.sign(LAB);
    const { signer } = federation.feed(LAB).author;
    const other = signHead(federation.federation, { size: head.size, root: new Uint8Array(32) }, signer);
    const heads = [head, other].map(({ size, root, signature }) => ({
      size,
      root: toBase64(root),
      signature: toBase64(signature),
    }));
    federation.say('example-academy', 'fork-proof/1', { feed: federation.keyOf(LAB), heads });
    federation.sign('example-academy');
    const report = await federation.audit();
    expect(report.findings).toEqual([]);
    expect(stateOf(report, 'forks')).toBe('holds');
    expect(report.notes.join()).toContain('two histories');
  });

  it('two sources that differ, whichever of them is longer', async () => {
    const federation = spoken();
    const whole = await federation.audit();
    const { entries, author } = federation.feed(LAB);
    entries.length -= 1;
    entries[entries.length - 1] = author.branch('note/1', { text: 'rewritten' }).wire;
    federation.sign(LAB);
    const bare = { record: async () => refuse('not-offered', '') };
    const remembered = { federation: federation.federation, heads: whole.heads, from: 'elsewhere' as const };
    const other = await federation.audit(federation.source(bare), { remembered: [remembered] });
    expect(codesOf(other)).not.toContain('history-rewritten');
    expect(codesOf(judgeAgainst(other, whole))).toContain('history-rewritten');
    expect(judgeAgainst(whole, whole)).toBe(whole);
  });

  it('heads seen earlier: a history rewritten, a feed shortened', async () => {
    const federation = spoken();
    const old = federation.sign(LAB);
    const remembered = { federation: federation.federation, heads: [old], from: 'earlier' as const };
    expect(
      stateOf(await federation.audit(federation.source(), { remembered: [remembered] }), 'history'),
    ).toBe('holds');
    const { entries, author } = federation.feed(LAB);
    const last = entries.length - 1;
    entries[last] = author.branch('note/1', { text: 'rewritten' }).wire;
    federation.sign(LAB);
    const bare = { record: async () => refuse('not-offered', '') };
    const rewritten = await federation.audit(federation.source(bare), { remembered: [remembered] });
    expect(codesOf(rewritten)).toContain('history-rewritten');
    entries.length = last;
    federation.sign(LAB);
    const shortened = await federation.audit(federation.source(bare), { remembered: [remembered] });
    expect(codesOf(shortened)).toContain('history-shortened');
    const elsewhere = await federation.audit(federation.source(bare), {
      remembered: [{ ...remembered, from: 'elsewhere' }],
    });
    expect(codesOf(elsewhere)).not.toContain('history-shortened');
    const foreign = { ...remembered, federation: 'another' as FederationId };
    expect(codesOf(await federation.audit(federation.source(bare), { remembered: [foreign] }))).toContain(
      'remembered-invalid',
    );
  });

  it('more than the audit takes in', async () => {
    const federation = spoken();
    const report = await federation.audit(federation.source(), {
      bounds: { messages: 100, bytes: 1_000_000 },
    });
    expect(codesOf(report)).toContain('bound-reached');
    expect(report.outcome).toBe('unchecked');
    const endless = federation.source({
      feeds: async () => accept([{ feed: federation.keyOf(LAB), size: Number.MAX_SAFE_INTEGER }]),
      record: async () => refuse('not-offered', ''),
    });
    expect((await federation.audit(endless)).outcome).toBe('unchecked');
  });

  const faults = SOURCE_FAULTS.filter((fault) => fault !== 'not-offered' && fault !== 'bundle-broken');
  it.each(faults)('an answer that is %s', async (fault: SourceFault) => {
    const federation = spoken();
    const refused = refuse(fault, 'none');
    const report = await federation.audit(federation.source({ record: async () => refused }));
    expect(codesOf(report)).toEqual([fault]);
    expect(report.outcome).toBe('unchecked');
    const nothing = await federation.audit(federation.source({ charters: async () => refused }));
    expect(codesOf(nothing)).toEqual([fault]);
  });
});
