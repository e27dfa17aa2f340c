import { decode as decodeNode } from '@ipld/dag-pb';
import { type Evidence, type EvidenceRun, evidenceSchema } from '../artifacts/index.ts';
import { concatBytes, equalBytes, fromUtf8 } from '../base/bytes.ts';
import type { ContentId } from '../base/ids.ts';
import { refuse } from '../base/result.ts';
import { type CID, parseCid } from '../codec/cid.ts';
import type { ConditionCount, Estimate } from '../kinds/index.ts';
import type { FederationRecord } from '../record/index.ts';
import type { AuditCase } from './case.ts';
import { estimatesHold } from './estimates.ts';
import type { Answer, AuditSource } from './source.ts';

export interface ContentOptions {
  /** Of all content together. */
  readonly limitBytes: number;
  /** Asked for what the source itself does not have: bytes are checked by their name, whoever gives them. */
  readonly elsewhere: readonly Pick<AuditSource, 'block'>[];
}

const RAW = 0x55;
/** Nodes between a directory and its leaves: a file of 2^60 bytes has six. */
const DEPTH_LIMIT = 16;
const EVIDENCE_FILE = 'evidence.json';

interface Wanted {
  readonly cid: ContentId;
  readonly what: string;
  /** Of a verdict whose evidence this is. */
  readonly counts: readonly ConditionCount[] | null;
  readonly estimates?: readonly Estimate[] | undefined;
}

/** Fetches what the record names, leaf by leaf: is it there, and is it what its name says? spec 16-audit §2.13 */
export async function judgeContent(
  audit: AuditCase,
  record: FederationRecord,
  { limitBytes, elsewhere }: ContentOptions,
): Promise<void> {
  const walk = new ContentWalk(audit, [audit.source, ...elsewhere], limitBytes);
  // verifiers that agree to the bit share their evidence; null for what was told as false or missing
  const seen = new Map<ContentId, Evidence | null>();
  for (const wanted of wantedBy(record)) {
    const known = seen.get(wanted.cid);
    if (known !== undefined) {
      if (known !== null && wanted.counts !== null) judgeCounts(audit, wanted, known);
      continue;
    }
    seen.set(wanted.cid, null);
    const files = await walk.read(wanted);
    if (files === 'bound') {
      const detail = `The content is larger than this audit takes in; it stopped at ${wanted.what}.`;
      audit.findings.add('content', 'bound-reached', detail, { id: wanted.cid });
      return;
    }
    if (files === null) continue;
    audit.findings.holds('content');
    if (wanted.counts === null) continue;
    const evidence = readEvidence(audit, wanted, files.get(EVIDENCE_FILE) ?? null);
    seen.set(wanted.cid, evidence);
    if (evidence !== null) judgeCounts(audit, wanted, evidence);
  }
}

/** What a reader wants to be there, the small things first. */
function* wantedBy({ findings, analogReleases, frontierReleases }: FederationRecord): Generator<Wanted> {
  for (const { verdicts } of findings)
    for (const { evidence, counts, estimates } of verdicts)
      if (evidence !== null) yield { cid: evidence, what: 'the evidence of a verdict', counts, estimates };
  for (const { intervention, suite, title } of findings) {
    if (intervention !== null)
      yield { cid: intervention, what: `the intervention of “${title}”`, counts: null };
    yield { cid: suite, what: `the suite of “${title}”`, counts: null };
  }
  for (const { checkpoint, name } of [...analogReleases, ...frontierReleases])
    if (checkpoint !== null) yield { cid: checkpoint, what: `the checkpoint of ${name}`, counts: null };
}

/** Bytes of files at the top of a directory that a check reads. */
type Files = ReadonlyMap<string, Uint8Array>;

class ContentWalk {
  readonly #case: AuditCase;
  readonly #sources: readonly Pick<AuditSource, 'block'>[];
  #left: number;

  constructor(audit: AuditCase, sources: readonly Pick<AuditSource, 'block'>[], limitBytes: number) {
    this.#case = audit;
    this.#sources = sources;
    this.#left = limitBytes;
  }

  /** Null where a block is missing or false, which is told. */
  async read({ cid, what }: Wanted): Promise<Files | 'bound' | null> {
    const files = new Map<string, Uint8Array[]>();
    const stack: { readonly cid: string; readonly depth: number; readonly file: string | null }[] = [
      { cid, depth: 0, file: null },
    ];
    for (let next = stack.pop(); next !== undefined; next = stack.pop()) {
      const { cid: name, depth, file } = next;
      const block = await this.#block(name as ContentId, what);
      if (block === null || block === 'bound') return block;
      if (parseCid(name)?.code === RAW) {
        if (file === EVIDENCE_FILE) files.set(file, [...(files.get(file) ?? []), block]);
        continue;
      }
      const links = linksOf(block);
      if (links === null || depth === DEPTH_LIMIT) {
        this.#case.findings.add('content', 'block-wrong', `A part of ${what} is no file or directory.`, {
          id: name,
        });
        return null;
      }
      // the last on top: leaves come in the order of the file
      for (const { Name, Hash } of links.reverse())
        stack.push({ cid: Hash.toString(), depth: depth + 1, file: file ?? (depth === 0 ? Name : null) });
    }
    return new Map([...files].map(([name, parts]) => [name, concatBytes(...parts)]));
  }

  async #block(cid: ContentId, what: string): Promise<Uint8Array | 'bound' | null> {
    const { findings, opening } = this.#case;
    const digest = parseCid(cid)?.multihash.digest;
    if (this.#left <= 0) return 'bound';
    const served = await this.#ask(cid);
    if (!served.ok) {
      if (served.reason === 'absent' || served.reason === 'not-offered')
        findings.add('content', 'block-missing', `Nobody asked has ${what}, or not all of it.`, {
          id: cid,
        });
      else this.#case.fault('content', served.reason, `A part of ${what}`, { id: cid });
      return null;
    }
    this.#left -= served.value.length;
    if (digest !== undefined && equalBytes(opening.sha256(served.value), digest)) return served.value;
    findings.add(
      'content',
      'block-wrong',
      `The bytes given for a part of ${what} are not those of its name.`,
      {
        id: cid,
      },
    );
    return null;
  }

  /** The first answer that is one; else why the source itself has none. */
  async #ask(cid: ContentId): Promise<Answer<Uint8Array>> {
    let first: Answer<Uint8Array> | null = null;
    for (const source of this.#sources) {
      const answer = await source.block(cid);
      if (answer.ok) return answer;
      first ??= answer;
    }
    return first ?? refuse('absent', 'nobody was asked');
  }
}

function linksOf(block: Uint8Array): { readonly Name: string; readonly Hash: CID }[] | null {
  try {
    return decodeNode(block).Links.map(({ Name = '', Hash }) => ({ Name, Hash: Hash as CID }));
  } catch {
    return null; // told as false by the caller
  }
}

function readEvidence({ findings }: AuditCase, { cid }: Wanted, file: Uint8Array | null): Evidence | null {
  const evidence = file === null ? null : parseEvidence(file);
  if (evidence === null) {
    const detail = 'The evidence of a verdict is none that can be read.';
    findings.add('content', 'evidence-unreadable', detail, { id: cid });
  }
  return evidence;
}

/** Whether outcomes and scores prompt by prompt add up to the counts and estimates that the verdict states. */
function judgeCounts(
  { findings }: AuditCase,
  { cid, counts, estimates = [] }: Wanted,
  evidence: Evidence,
): void {
  const textOf = (rows: readonly Row[]) => rows.map(rowOf).sort().join('\n');
  const addUp = textOf(counts ?? []) === textOf(evidence.runs.map(countOf));
  if (addUp && estimatesHold(estimates, evidence)) {
    findings.holds('content');
    return;
  }
  const detail = 'The evidence of a verdict does not add up to the counts and estimates that it states.';
  findings.add('content', 'counts-wrong', detail, { id: cid });
}

function parseEvidence(bytes: Uint8Array): Evidence | null {
  try {
    const parsed = evidenceSchema.safeParse(JSON.parse(fromUtf8(bytes)));
    return parsed.success ? parsed.data : null;
  } catch {
    return null; // not JSON: told as unreadable by the caller
  }
}

type Row = Pick<ConditionCount, 'measure' | 'n' | 'k' | 'unscored'> & { readonly condition: string };

function countOf({ condition, measure, results }: EvidenceRun): Row {
  const unscored = results.filter(({ outcome }) => outcome === 'unscored').length;
  const k = results.filter(({ outcome }) => outcome === 1).length;
  // a verdict does not number its random controls
  const name = condition.startsWith('control') ? 'control' : condition;
  return { condition: name, measure, n: results.length - unscored, k, unscored };
}

function rowOf({ condition, measure, n, k, unscored }: Row): string {
  return [condition, measure, n, k, unscored].join(' ');
}
