import type { ConformanceCase, Json } from './case.ts';

/** A case of a vector file: its id, what is asked and what is answered. */
type Entry = Readonly<Record<string, Json>> & { readonly id: string };
type Lists = Readonly<Record<string, Json>>;
type Ask = (entry: Entry, file: Lists) => readonly Omit<ConformanceCase, 'name'>[];

/** An implementation may give one of these where the specification gives the other. spec 03-codec §3 */
const EITHER_REFUSAL: readonly Json[] = [{ refused: 'not-dag-cbor' }, { refused: 'not-canonical' }];

/**
 * How each list of each vector file is asked: the fields named become the input, the others the answer.
 * spec 15-conformance §2
 */
const FILES: Readonly<Record<string, Readonly<Record<string, Ask>>>> = {
  'codec.json': {
    canonical: ({ bytes = '', value = null, cid = '' }) => [
      { operation: 'codec.decode', input: { bytes }, allowed: [{ value, cid }] },
      { operation: 'codec.encode', input: { value }, allowed: [{ bytes, cid }] },
    ],
    refused: ({ bytes = '', refusal = '' }) => {
      const either = EITHER_REFUSAL.some((each) => (each as { refused: string }).refused === refusal);
      const allowed = either ? EITHER_REFUSAL : [{ refused: refusal }];
      return [{ operation: 'codec.decode', input: { bytes }, allowed }];
    },
  },
  'cid.json': { accepted: one('cid.parse', ['text']), refused: refused('cid.parse', ['text']) },
  'did-key.json': {
    accepted: ({ type = '', text = '', key = '' }) => [
      { operation: 'did-key.parse', input: { type, text }, allowed: [{ key }] },
      { operation: 'did-key.format', input: { type, key }, allowed: [{ text }] },
    ],
    refused: refused('did-key.parse', ['type', 'text']),
  },
  'derive.json': { derived: one('identity.derive', ['seed']) },
  'ed25519.json': { cases: one('ed25519.verify', ['publicKey', 'signature', 'message']) },
  'ed25519-published.json': {
    cases: one('ed25519.verify', ['publicKey', 'signature', 'message'], ['refusedBy']),
  },
  'message.json': {
    sealed: ({ seed = '', draft = {}, ...sealed }, { federation = '' }) => {
      const { author = '', wire = '', messageId = '' } = sealed;
      const { federation: _, ...said } = draft as Record<string, Json>;
      return [
        { operation: 'message.seal', input: { seed, draft }, allowed: [without(sealed, ['id'])] },
        {
          operation: 'message.open',
          input: { federation, wire },
          allowed: [{ ...said, messageId, author }],
        },
      ];
    },
    opened: ({ wire = '', message = {} }, { federation = '' }) => [
      { operation: 'message.open', input: { federation, wire }, allowed: [message] },
    ],
    refused: ({ wire = '', refusal = '' }, { federation = '' }) => [
      { operation: 'message.open', input: { federation, wire }, allowed: [{ refused: refusal }] },
    ],
  },
  'charter.json': {
    accepted: one('charter.read', ['document']),
    refused: refused('charter.read', ['document']),
    authority: ({ author = '', kind = '', name, refusal = null }, { authorityOf = null }) => [
      {
        operation: 'charter.authorize',
        input: { document: authorityOf, author, kind },
        allowed: [name === undefined ? { refused: refusal } : { name }],
      },
    ],
    successions: ({ previous = null, next = null, refusal = null }) => [
      {
        operation: 'charter.follows',
        input: { previous, next },
        allowed: [refusal === null ? { follows: true } : { refused: refusal }],
      },
    ],
    notFirst: refused('charter.read-first', ['document']),
    amendments: ({ previous = null, proposal = null, charter, refusal = null }) => [
      {
        operation: 'charter.amend',
        input: { previous, proposal },
        allowed: [charter === undefined ? { refused: refusal } : { charter }],
      },
    ],
  },
  'tree.json': {
    roots: one('tree.root', ['entries']),
    inclusion: one('tree.inclusion', ['index', 'size', 'leaf', 'root', 'proof']),
    consistency: one('tree.consistency', ['from', 'fromRoot', 'to', 'toRoot', 'proof']),
  },
  'checkpoint.json': {
    keys: ({ name = '', type = 0, publicKey = '', keyId = '', vkey = '' }) => [
      { operation: 'vkey.parse', input: { vkey }, allowed: [{ name, type, publicKey, keyId }] },
      { operation: 'vkey.format', input: { name, type, publicKey }, allowed: [{ vkey }] },
    ],
    keysRefused: refused('vkey.parse', ['vkey']),
    signed: (entry, { federation = '' }) =>
      one('checkpoint.sign', ['federation', 'signingSeed', 'size', 'root'])({ ...entry, federation }, {}),
    read: (entry, { federation = '' }) =>
      one('checkpoint.read', ['federation', 'bytes'])({ ...entry, federation }, {}),
    refused: (entry, { federation = '' }) =>
      refused('checkpoint.read', ['federation', 'bytes'])({ ...entry, federation }, {}),
  },
  'tile.json': {
    paths: ({ path = '', level = 0, index = 0, width = 0 }) => [
      { operation: 'tile.parse-path', input: { path }, allowed: [{ level, index, width }] },
      { operation: 'tile.format-path', input: { level, index, width }, allowed: [{ path }] },
    ],
    pathsRefused: refused('tile.parse-path', ['path']),
    tiles: one('tile.hashes', ['size', 'path']),
    bundles: ({ entries = [], bundle = '' }) => [
      { operation: 'bundle.encode', input: { entries }, allowed: [{ bundle }] },
      {
        operation: 'bundle.decode',
        input: { bundle, width: (entries as readonly Json[]).length },
        allowed: [{ entries }],
      },
    ],
    bundlesRefused: refused('bundle.decode', ['bundle', 'width']),
  },
  'tlog-proof.json': {
    accepted: (entry, { log = '', witness = '' }) =>
      one('tlog-proof.verify', ['log', 'witness', 'proof', 'entry'])({ ...entry, log, witness }, {}),
    refused: (entry, { log = '', witness = '' }) =>
      refused('tlog-proof.verify', ['log', 'witness', 'proof', 'entry'])({ ...entry, log, witness }, {}),
  },
  'witness.json': {
    cosignatures: (entry, { federation = '' }) =>
      one('cosignature.sign', ['federation', 'signingSeed', 'text', 'time'])({ ...entry, federation }, {}),
    requests: (entry, { federation = '', author = '' }) =>
      one('witness.judge', ['federation', 'author', 'request', 'known', 'lastSize', 'lastRoot'])(
        { ...entry, federation, author },
        {},
      ),
    policies: one('policy.established', ['policy', 'times']),
    policiesRefused: refused('policy.established', ['policy', 'times']),
  },
  'artifacts.json': {
    headerLengths: one('safetensors.header-length', ['prefix', 'fileBytes']),
    headerLengthsRefused: refused('safetensors.header-length', ['prefix', 'fileBytes']),
    headers: one('safetensors.header', ['header', 'fileBytes']),
    headersRefused: refused('safetensors.header', ['header', 'fileBytes']),
    models: one('model.config', ['config']),
    modelsRefused: refused('model.config', ['config']),
    interventions: one('intervention.fit', ['manifest', 'tensors', 'model']),
    interventionsRefused: refused('intervention.fit', ['manifest', 'tensors', 'model']),
    suites: one('suite.read', ['suite']),
    suitesRefused: refused('suite.read', ['suite']),
    teachers: one('teacher.read', ['text']),
    teachersRefused: refused('teacher.read', ['text']),
    prompts: one('prompts.read', ['text', 'count']),
    promptsRefused: refused('prompts.read', ['text', 'count']),
  },
  'decision.json': {
    cases: one('verdict.decide', ['policy', 'claim', 'counts', 'tables', 'estimates', 'differences']),
  },
  'control-seeds.json': {
    cases: ({ finding = '', seeds = [] }) => [
      {
        operation: 'verdict.control-seeds',
        input: { finding, count: (seeds as readonly Json[]).length },
        allowed: [{ seeds }],
      },
    ],
    resampling: one('verdict.resample-seed', ['finding', 'measure']),
  },
  'exact-tests.json': {
    rates: one('verdict.rate', ['k', 'n', 'pPpm', 'alphaPpm']),
    losses: one('verdict.loss', ['lost', 'gained', 'alphaPpm']),
    pairs: one('verdict.pair', ['k1', 'n1', 'k2', 'n2', 'alphaPpm']),
    gates: one('verdict.gate', ['lost', 'gained', 'n', 'marginPpm']),
  },
  'oversight.json': {
    bodies: one('message.body', ['kind', 'body']),
    bodiesRefused: refused('message.body', ['kind', 'body']),
    months: one('oversight.add-months', ['day', 'months']),
    leaks: one('oversight.holders', ['chancePpm']),
    assessed: ({ history = '', ...entry }, { histories }) =>
      one('oversight.assess', ['charter', 'wires', 'at'])(
        { ...entry, ...(histories as Record<string, Record<string, Json>>)[history as string] } as Entry,
        {},
      ),
  },
  'disclosure.json': {
    withheld: one('disclosure.withhold', ['draft', 'plan']),
    withheldRefused: refused('disclosure.withhold', ['draft', 'plan']),
    opened: one('disclosure.open', ['message', 'field', 'copies', 'to', 'secret']),
    openedRefused: refused('disclosure.open', ['message', 'field', 'copies', 'to', 'secret']),
    revealed: one('disclosure.reveal', ['message', 'field', 'salt', 'value']),
    revealedRefused: refused('disclosure.reveal', ['message', 'field', 'salt', 'value']),
  },
  'pins.json': {
    drawn: one('pin.draw', ['seed', 'leaves', 'asked']),
    copies: (entry, { copiesAsked }) =>
      one('pin.copies', ['release', 'at', 'members', 'pins'])(
        { ...entry, ...(copiesAsked as Record<string, Json>) },
        {},
      ),
  },
  'releases.json': {
    cards: one('model-card.read', ['card']),
    cardsRefused: refused('model-card.read', ['card']),
    judged: (entry, { policy = null }) =>
      one('release.judge', [
        'policy',
        'files',
        'card',
        'data',
        'parameters',
        'frontierParameters',
        'licence',
      ])({ policy, ...entry }, {}),
    keys: one('publication-key.read', ['pem']),
    keysRefused: refused('publication-key.read', ['pem']),
    signed: one('model-signature.sign', ['seed', 'name', 'files']),
    verified: one('model-signature.verify', ['bundle', 'pem', 'files', 'unsigned']),
    refused: refused('model-signature.verify', ['bundle', 'pem', 'files', 'unsigned']),
  },
  'record.json': {
    histories: (entry, { charter = null }) =>
      one('record.fold', ['charter', 'wires'])({ ...entry, charter }, {}),
    amended: (entry, { amendingCharter = null }) =>
      one('record.fold', ['charter', 'wires'])({ ...entry, charter: amendingCharter }, {}),
  },
};

/** The names of the vector files that programs are graded by. */
export const GRADED_FILES: readonly string[] = Object.keys(FILES);

/** Every question that a vector file holds. @throws TypeError when a list of it is not known. */
export function casesOf(file: string, content: Lists): ConformanceCase[] {
  const lists = Object.entries(content).filter(([, list]) => Array.isArray(list));
  return lists.flatMap(([list, entries]) => {
    const ask = FILES[file]?.[list];
    if (ask === undefined) throw new TypeError(`${file}: nothing asks the list ${list}`);
    return (entries as readonly Entry[]).flatMap((entry) =>
      ask(entry, content).map((each) => ({ name: `${list}/${entry.id}`, ...each })),
    );
  });
}

/** One question: the fields named are the input; what remains, except id and notes, is the answer. */
function one(operation: string, input: readonly string[], notes: readonly string[] = []): Ask {
  return (entry) => [
    { operation, input: pick(entry, input), allowed: [without(entry, ['id', ...input, ...notes])] },
  ];
}

function refused(operation: string, input: readonly string[]): Ask {
  return (entry) => [
    { operation, input: pick(entry, input), allowed: [{ refused: entry['refusal'] ?? null }] },
  ];
}

function pick(entry: Lists, names: readonly string[]): Lists {
  return Object.fromEntries(names.map((name) => [name, entry[name] ?? null]));
}

function without(entry: Lists, names: readonly string[]): Lists {
  return Object.fromEntries(Object.entries(entry).filter(([name]) => !names.includes(name)));
}
