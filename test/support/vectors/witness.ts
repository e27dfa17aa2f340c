import { toHex, utf8 } from '../../../protocols/base/bytes.ts';
import {
  checkpointNote,
  checkpointText,
  cosign,
  cosignatureLine,
  ed25519Verifier,
  emptyRoot,
  feedNoteKey,
  formatWitnessRequest,
  type Hash,
  judgeAuthor,
  judgeGrowth,
  leafHash,
  MerkleTree,
  parseWitnessPolicy,
  parseWitnessRequestUnverified,
  quorumTime,
  signatureLine,
  signHead,
  WITNESS_STATUS,
  type WitnessedHead,
  witnessNoteKey,
} from '../../../protocols/feed/index.ts';
import { memberKey } from '../../../protocols/identity/did-key.ts';
import { AUTHOR, FEDERATION, WITNESS, WITNESS_KEY } from './checkpoint.ts';
import { treeOf } from './tree.ts';

const LAB = memberKey(AUTHOR.publicKey);
const TIME = 1_790_000_000;

const headOf = (tree: MerkleTree, size = tree.size) =>
  signHead(FEDERATION, { size, root: tree.root(size) }, AUTHOR);
const noteOf = (tree: MerkleTree, size = tree.size) => checkpointNote(headOf(tree, size), FEDERATION);

export function buildWitness() {
  return {
    federation: FEDERATION,
    author: LAB,
    cosignatures: cosignatures(),
    requests: Object.entries(requests()).map(([id, { request, last, known = true }]) => ({
      id,
      request,
      known,
      lastSize: last.size,
      lastRoot: toHex(last.root),
      ...judge(request, known, last),
    })),
    policies: Object.entries(policies()).map(([id, { policy, times }]) => {
      const parsed = parseWitnessPolicy(policy);
      if (!parsed.ok) throw new TypeError(`${id}: ${parsed.detail}`);
      return { id, policy, times, established: quorumTime(parsed.value, (name) => times[name] ?? null) };
    }),
    policiesRefused: Object.entries(policiesRefused()).map(([id, policy]) => {
      const parsed = parseWitnessPolicy(policy);
      if (parsed.ok) throw new TypeError(`accepted: ${id}`);
      return { id, policy, times: {}, refusal: parsed.reason };
    }),
  };
}

function cosignatures() {
  const cases = {
    three: { size: 3, time: TIME },
    empty: { size: 0, time: 0 },
    late: { size: 13, time: 2 ** 53 - 1 },
  };
  return Object.entries(cases).map(([id, { size, time }]) => {
    const text = checkpointText(FEDERATION, headOf(treeOf(13), size));
    const line = signatureLine(cosignatureLine(WITNESS_KEY, cosign(utf8(text), time, WITNESS)));
    return { id, signingSeed: toHex(WITNESS.seed), text, time, line };
  });
}

interface Asked {
  readonly request: string;
  readonly last: WitnessedHead;
  readonly known?: boolean;
}

function requests(): Record<string, Asked> {
  const tree = treeOf(13);
  const other = new MerkleTree();
  for (let i = 0; i < 13; i++) other.append(leafHash(utf8(`another ${i}`)));
  const none: WitnessedHead = { size: 0, root: emptyRoot() };
  const last = (size: number): WitnessedHead => ({ size, root: tree.root(size) });
  const ask = (
    old: number,
    size: number,
    of = tree,
    proof: readonly Hash[] = of.consistencyProof(old, size),
  ) => formatWitnessRequest(old, proof, noteOf(of, size));
  const good = ask(3, 8);
  const hash = good.split('\n')[1] ?? '';
  const stranger = checkpointNote(signHead(FEDERATION, { size: 8, root: tree.root(8) }, WITNESS), FEDERATION);
  const cosigned = checkpointNote(headOf(tree, 8), FEDERATION, [
    cosignatureLine(witnessNoteKey(FEDERATION, LAB), { time: 1, signature: new Uint8Array(64) }),
  ]);
  return {
    first: { request: ask(0, 3), last: none },
    'first-of-an-empty-feed': { request: ask(0, 0), last: none },
    grown: { request: good, last: last(3) },
    again: { request: ask(3, 3), last: last(3) },
    'a-signature-of-an-unknown-key': {
      request: formatWitnessRequest(3, tree.consistencyProof(3, 8), cosigned),
      last: last(3),
    },
    empty: { request: '', last: none },
    'no-old-size': { request: good.replace('old 3\n', ''), last: last(3) },
    'old-size-with-a-leading-zero': { request: good.replace('old 3', 'old 03'), last: last(3) },
    'old-size-over-2-to-53': { request: good.replace('old 3', 'old 9007199254740993'), last: last(3) },
    'carriage-return': { request: good.replace('old 3\n', 'old 3\r\n'), last: last(3) },
    'hash-short': { request: good.replace(hash, hash.slice(4)), last: last(3) },
    'too-many-hashes': {
      request: good.replace('old 3\n', `old 3\n${`${hash}\n`.repeat(63)}`),
      last: last(3),
    },
    'no-checkpoint': { request: 'old 0\n\n', last: none },
    'too-large': { request: good + '\u2014 a AAAAAAAA\n'.repeat(1_300), last: last(3) },
    'unknown-feed': { request: good, last: none, known: false },
    'signed-by-another': { request: good.replace(/\u2014 .*\n$/, lineOf(stranger)), last: last(3) },
    'signature-of-another-size': { request: good.replace('\n8\n', '\n9\n'), last: last(3) },
    'old-above-new': { request: ask(3, 8).replace('old 3', 'old 9'), last: last(3) },
    stale: { request: good, last: last(5) },
    'stale-from-nothing': { request: ask(0, 8), last: last(3) },
    smaller: { request: ask(2, 2), last: last(3) },
    'another-root-of-this-size': { request: ask(3, 3, other), last: last(3) },
    'another-past': { request: ask(3, 8, other), last: last(3) },
    'no-proof': { request: ask(3, 8, tree, []), last: last(3) },
    'proof-from-nothing': { request: ask(0, 3, tree, [tree.leaf(0)]), last: none },
    'proof-to-itself': { request: ask(3, 3, tree, [tree.leaf(0)]), last: last(3) },
    'proof-too-long': {
      request: ask(3, 8, tree, [...tree.consistencyProof(3, 8), tree.leaf(0)]),
      last: last(3),
    },
  };
}

const lineOf = (note: string) => note.slice(note.indexOf('\u2014'));

function judge(request: string, known: boolean, last: WitnessedHead) {
  const parsed = parseWitnessRequestUnverified(utf8(request));
  const author = ed25519Verifier(feedNoteKey(FEDERATION, LAB).name, AUTHOR.publicKey, AUTHOR.ed25519);
  const signed = parsed.ok ? judgeAuthor(parsed.value, known ? author : null) : parsed;
  const judged = parsed.ok && signed.ok ? judgeGrowth(parsed.value, last) : signed;
  return judged.ok
    ? { status: 200, reason: null }
    : { status: WITNESS_STATUS[judged.reason], reason: judged.reason };
}

const vkeyOf = (name: string) => `${name}.example+00000000+${name}`;
const witnesses = (...names: readonly string[]) =>
  names.map((name) => `witness ${name} ${vkeyOf(name)}\n`).join('');

function policies(): Record<string, { readonly policy: string; readonly times: Record<string, number> }> {
  const five = witnesses('lab-a', 'lab-b', 'academy', 'agency', 'outside');
  const groups = 'group labs 1 lab-a lab-b\ngroup public 2 academy agency outside\ngroup all 2 labs public\n';
  const policy = `${five}${groups}quorum all\n`;
  return {
    held: { policy, times: { 'lab-a': 5, academy: 3, outside: 9 } },
    'held-by-all': { policy, times: { 'lab-a': 50, 'lab-b': 4, academy: 3, agency: 1, outside: 9 } },
    'a-group-short': { policy, times: { 'lab-a': 5, academy: 3 } },
    'a-group-missing': { policy, times: { academy: 1, agency: 2, outside: 3 } },
    'one-witness': { policy: `${five}quorum academy\n`, times: { academy: 7, agency: 1 } },
    none: { policy: `${five}${groups}quorum none\n`, times: { 'lab-a': 5, academy: 3, outside: 9 } },
    'comments-tabs-and-words': {
      policy: `# a policy\n\n\t${witnesses('a', 'b').replaceAll(' ', '\t ')}group g all a b\n group h any g \nquorum h`,
      times: { a: 2, b: 8 },
    },
  };
}

function policiesRefused(): Record<string, string> {
  const two = witnesses('a', 'b');
  return {
    empty: '',
    'no-quorum': two,
    'two-quorums': `${two}quorum a\nquorum b\n`,
    'unknown-quorum': `${two}quorum c\n`,
    'name-twice': `${two}witness a ${vkeyOf('c')}\nquorum a\n`,
    'key-twice': `${two}witness c ${vkeyOf('b')}\nquorum a\n`,
    'log-twice': `log ${vkeyOf('l')}\nlog ${vkeyOf('l')}\n${two}quorum a\n`,
    'named-none': `witness none ${vkeyOf('a')}\nquorum none\n`,
    'in-two-groups': `${two}group g 1 a\ngroup h 1 a\nquorum h\n`,
    'twice-in-a-group': `${two}group g 1 a a\nquorum g\n`,
    'defined-later': `group g 1 a\n${two}quorum g\n`,
    'threshold-zero': `${two}group g 0 a b\nquorum g\n`,
    'threshold-above-the-members': `${two}group g 3 a b\nquorum g\n`,
    'threshold-with-a-leading-zero': `${two}group g 01 a b\nquorum g\n`,
    'no-members': `${two}group g all\nquorum a\n`,
    'unknown-keyword': `${two}mirror a\nquorum a\n`,
  };
}
