import { describe, expect, it } from 'vitest';
import type { MessageId } from '../../../protocols/base/ids.ts';
import type { CharterDocument } from '../../../protocols/kinds/index.ts';
import { checkFile } from '../../../services/gateway/dashboard/checker/check-file.ts';
import { checkHead } from '../../../services/gateway/dashboard/checker/check-proof.ts';
import { type Bytes, checkShown } from '../../../services/gateway/dashboard/checker/check-shown.ts';
import { intervalOf } from '../../../services/gateway/dashboard/checker/intervals.ts';
import type { ShownMessage } from '../../../services/gateway/dashboard/checker/protocol.ts';
import { differingFields } from '../../../services/gateway/dashboard/checker/shown-fields.ts';
import {
  type ClaimedCharter,
  readCharters,
} from '../../../services/gateway/dashboard/checker/trusted-charters.ts';
import { amended, founding } from '../../support/amended.ts';
import { charterDocumentOf } from '../../support/federation.ts';
import { freshFolder } from '../../support/fresh-folder.ts';
import { LoggedFeeds } from '../../support/logged-feeds.ts';
import { cardBody, findingBody } from '../../support/samples.ts';

const LAB = 'example-lab';
const WITNESS = 'example-observer';
/** The clock of the witnesses of the feeds here. */
const SEEN_AT = 1_790_000_000_000;

function documentOf(): CharterDocument {
  const document = charterDocumentOf();
  return {
    ...document,
    members: document.members.map((member) =>
      member.name === WITNESS ? { ...member, roles: [...member.roles, 'witness'] } : member,
    ),
    policy: {
      ...document.policy,
      witness: { outside: [], groups: [{ name: 'one', threshold: 1, members: [WITNESS] }], quorum: 'one' },
    },
  };
}

/** A message of the lab, its node's bytes, and what an honest page shows of it. */
async function scene(isWitnessed: boolean) {
  const feeds = new LoggedFeeds(await freshFolder(), documentOf(), WITNESS);
  const [message, other] = feeds.say(LAB, 2);
  if (message === undefined || other === undefined) throw new TypeError('two messages');
  if (isWitnessed) feeds.witness(LAB, WITNESS);
  const read = await readCharters(feeds.federation, [founding(documentOf())], async () => null);
  if (!read.ok) throw new TypeError(read.detail);
  const { charters } = read.value;
  const proofOf = (id: MessageId) => {
    const proof = feeds.logs.proof(id);
    return proof === null ? null : new TextEncoder().encode(proof);
  };
  const bytes: Bytes = {
    proof: async (id) => proofOf(id),
    wire: async (id) => (id === message.id ? message.wire : null),
  };
  const shown: ShownMessage = {
    message: message.id,
    kind: message.kind,
    by: LAB,
    established: isWitnessed ? SEEN_AT : null,
    fields: {},
  };
  const check = (changes: Partial<ShownMessage> = {}, from: Partial<Bytes> = {}) =>
    checkShown({ ...shown, ...changes }, feeds.federation, charters, { ...bytes, ...from });
  return { feeds, message, other, charters, proofOf, check };
}

describe('what a browser checks of a message that is shown', () => {
  it('checks all of it where there is a proof with cosignatures', async () => {
    const { check } = await scene(true);
    expect((await check()).state).toBe('checked');
  });

  it('says what is open where no head covers it yet, or later cosignatures only', async () => {
    const early = await scene(false);
    expect((await early.check()).state).toBe('partly');
    const { check } = await scene(true);
    expect((await check({ established: SEEN_AT - 1_000 })).state).toBe('partly');
  });

  it('marks what is shown otherwise than signed, whoever is lied about', async () => {
    const { check, other, proofOf, message } = await scene(true);
    const lies: readonly (readonly [string, Partial<ShownMessage>, Partial<Bytes>])[] = [
      ['author', { by: 'example-academy' }, {}],
      ['kind', { kind: 'finding/1' }, {}],
      ['later than witnesses say', { established: SEEN_AT + 1_000 }, {}],
      ['another message', {}, { proof: async () => proofOf(other.id) }],
      ['a time without a proof', {}, { proof: async () => null }],
      ['nothing at all', {}, { proof: async () => null, wire: async () => null }],
      ['a broken proof', {}, { proof: async () => new Uint8Array(99) }],
      [
        'a broken message',
        { established: null },
        { proof: async () => null, wire: async () => message.wire.slice(1) },
      ],
    ];
    for (const [name, changes, from] of lies) expect((await check(changes, from)).state, name).toBe('wrong');
  });

  it('compares the fields of the record with the body', () => {
    const body = findingBody('a title');
    expect(differingFields('finding/1', body, { title: 'a title', claim: body['claim'] })).toEqual([]);
    expect(differingFields('finding/1', body, { title: 'another' })).toEqual(['title']);
    expect(differingFields('note/1', body, { title: 'another' })).toEqual([]);
  });
});

describe('what a browser checks of heads, files and charters', () => {
  it('checks a head and its cosignatures, and takes no other feed’s', async () => {
    const { feeds, charters } = await scene(true);
    const note = new TextEncoder().encode(feeds.logs.checkpoint(feeds.keyOf(LAB)) ?? '');
    const head = checkHead(note, feeds.keyOf(LAB), feeds.federation, charters);
    expect(head.ok && head.value).toEqual({ size: 2, witnesses: [{ name: WITNESS, time: SEEN_AT }] });
    const stranger = checkHead(note, feeds.keyOf('example-academy'), feeds.federation, charters);
    expect(stranger).toMatchObject({ ok: false, reason: 'wrong-log' });
  });

  it('checks messages and proofs by their bytes', async () => {
    const { feeds, charters, message, proofOf } = await scene(true);
    const stateOf = async (bytes: Uint8Array) => (await checkFile(bytes, feeds.federation, charters)).state;
    const json = JSON.stringify({ wire: Buffer.from(message.wire).toString('base64') });
    expect(await stateOf(proofOf(message.id) ?? new Uint8Array())).toBe('checked');
    expect(await stateOf(message.wire)).toBe('partly');
    expect(await stateOf(Buffer.from(json))).toBe('partly');
    for (const bytes of [
      Buffer.from('{"wire":1}'),
      Buffer.from('{'),
      Buffer.from([0x3a, 0xa2, 0]),
      new Uint8Array(),
    ])
      expect(await stateOf(bytes)).toBe('wrong');
  });
});

describe('what a browser believes of charters', () => {
  it('takes the first by the federation’s id', async () => {
    const { federation } = new LoggedFeeds(await freshFolder(), documentOf(), WITNESS);
    const none = async () => null;
    const another = await readCharters(federation, [founding(charterDocumentOf())], none);
    expect(another).toMatchObject({ reason: 'charter-not-first' });
    expect(await readCharters(federation, [], none)).toMatchObject({ ok: false });
  });

  it('takes a later one by its proposal and the consents to it', async () => {
    const { read, later } = amended();
    const trusted = await read([later]);
    if (!trusted.ok) throw new TypeError(trusted.detail);
    expect(trusted.value.fault).toBeNull();
    expect(trusted.value.charters.map(({ document }) => document.version)).toEqual([0, 1]);
    expect(trusted.value.checked).toHaveLength(1);
  });

  it('takes none that lacks consents, and believes no member that it names', async () => {
    const { node, read, later } = amended();
    const [one = '', ...others] = later.consents;
    const stranger = node.hear(WITNESS, 'member-card/1', cardBody(WITNESS));
    const lies: readonly (readonly [string, Partial<ClaimedCharter>])[] = [
      ['charter-unconsented', { consents: others }],
      ['charter-unconsented', { consents: later.consents.map(() => one) }],
      ['charter-unconsented', { consents: ['bafyreigaknpexyvxt76zgkitavbwx6ejgfheup5oybpm77f3pxzrvwpfdi'] }],
      ['charter-unconsented', { proposal: null }],
      ['kind-wrong', { proposal: one }],
      ['kind-wrong', { consents: [...others, stranger.id] }],
      ['charter-wrong', { document: { ...(later.document as object), name: 'Another' } }],
    ];
    for (const [reason, lie] of lies) {
      const trusted = await read([{ ...later, ...lie }]);
      if (!trusted.ok) throw new TypeError(trusted.detail);
      expect(trusted.value.fault?.split(':')[0], JSON.stringify(lie)).toBe(reason);
      expect(trusted.value.charters).toHaveLength(1);
    }
  });
});

describe('intervals', () => {
  it.each([
    [0, 200, 0, 19_000],
    [200, 200, 981_000, 1_000_000],
    [4, 400, 2_000, 26_000],
    [50, 100, 398_000, 602_000],
  ])('%d of %d: the exact 95 %% interval, out to whole steps', (k, n, lowPpm, highPpm) => {
    expect(intervalOf({ k, n })).toEqual({ lowPpm, highPpm });
  });

  it('gives none of nothing, or of more than it can sum', () => {
    expect(intervalOf({ k: 0, n: 0 })).toBeNull();
    expect(intervalOf({ k: 1, n: 100_000 })).toBeNull();
  });
});
