import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { hasErrno, messageOf, OversightError } from '../../protocols/base/errors.ts';
import type { ContentId, MemberKey, MessageId } from '../../protocols/base/ids.ts';
import type { PlainObject } from '../../protocols/base/plain.ts';
import { accept, type Result, refuse } from '../../protocols/base/result.ts';
import type { CharterHistory } from '../../protocols/charter/index.ts';
import type { ContentReference, FindingBody, VerificationPolicy } from '../../protocols/kinds/index.ts';
import type { Judgement } from '../../protocols/record/index.ts';
import type { Bell } from './bell.ts';
import type { NodeConfig } from './config.ts';
import { fetchSources } from './fetch-sources.ts';
import { type Judged, notRerunnable, rerunFinding } from './rerun-finding.ts';
import { systemTimer, type Timer } from './timer.ts';
import type { FindingFolders } from './verifier-job.ts';

/** Where the desk reads what there is to do. */
export interface Docket {
  judgements(): readonly Judgement[];
  readonly changed: Bell;
  finding(id: MessageId): FindingBody | null;
  /** Of the version of the charter that governs the finding. */
  policy(id: MessageId): VerificationPolicy;
}

/** Where a finding's files come from and its evidence goes to. */
export interface Shelf {
  /** Absolute path of the directory, fetched from the other nodes where it is not here yet. */
  fetch(
    cid: ContentId,
    options: { readonly signal: AbortSignal; readonly limitBytes: number },
  ): Promise<string>;
  add(directory: string, options: { readonly signal: AbortSignal }): Promise<ContentReference>;
  /** What is in use stays until the hold is disposed. */
  hold(...cids: readonly ContentId[]): Disposable;
}

export type DeskReport = (event: {
  readonly finding: MessageId;
  readonly state: JobState;
  readonly detail: string;
}) => void;

/** `given-up`: this node refuses to say its verdict; tried again when the node starts again. */
export type JobState = 'waiting' | 'fetching' | 'running' | 'done' | 'failed' | 'given-up';

interface Job {
  state: JobState;
  progress: number;
  /** Not before this time, after a failure of ours. */
  notBefore: number;
  failures: number;
  /** Judged and not published yet: the re-run is not done twice. */
  verdict: PlainObject | null;
}

const FIRST_RETRY_MS = 1_000;
const LAST_RETRY_MS = 300_000;
/** Tries at publishing one verdict that this node's own author refuses. */
const REFUSALS_LIMIT = 3;

/**
 * Re-runs each finding that this verifier has not judged, one at a time, and publishes the verdict. What is to do
 * follows from the record, so a killed node takes up its work where the record stands.
 */
export class VerifierDesk implements AsyncDisposable {
  readonly #self: MemberKey;
  readonly #history: () => CharterHistory;
  readonly #config: NodeConfig['verifier'];
  readonly #docket: Docket;
  readonly #shelf: Shelf;
  readonly #evidenceDir: string;
  readonly #publish: (body: PlainObject) => Promise<void>;
  readonly #report: DeskReport;
  readonly #timer: Timer;
  readonly #jobs = new Map<MessageId, Job>();
  readonly #stop = new AbortController();
  readonly #work: Promise<void>;

  constructor(ports: {
    readonly self: MemberKey;
    /** The charter in force, and who was what before. */
    readonly history: () => CharterHistory;
    readonly config: NodeConfig['verifier'];
    readonly docket: Docket;
    readonly shelf: Shelf;
    readonly evidenceDir: string;
    /** Publishes a `verdict/1`; resolves when it is durable here. */
    readonly publish: (body: PlainObject) => Promise<void>;
    readonly report: DeskReport;
    readonly timer?: Timer;
  }) {
    this.#self = ports.self;
    this.#history = ports.history;
    this.#config = ports.config;
    this.#docket = ports.docket;
    this.#shelf = ports.shelf;
    this.#evidenceDir = ports.evidenceDir;
    this.#publish = ports.publish;
    this.#report = ports.report;
    this.#timer = ports.timer ?? systemTimer;
    this.#work = this.#run(this.#stop.signal);
  }

  jobs(): { readonly finding: MessageId; readonly state: JobState; readonly progress: number }[] {
    return [...this.#jobs].map(([finding, { state, progress }]) => ({ finding, state, progress }));
  }

  async #run(signal: AbortSignal): Promise<void> {
    while (!signal.aborted) {
      const next = this.#next();
      if (next.finding !== null) await this.#attend(next.finding, signal);
      else await this.#rest(next.waitMs, signal);
    }
  }

  /** Until the record changes or the time is up, whichever is first; the other is given up. */
  async #rest(waitMs: number, signal: AbortSignal): Promise<void> {
    const awake = new AbortController();
    const either = AbortSignal.any([signal, awake.signal]);
    await Promise.race([this.#docket.changed.next(either), this.#timer.wait(waitMs, either)]);
    awake.abort();
  }

  /** The next finding to judge, or how long until one that failed may be tried again. */
  #next(): { readonly finding: MessageId | null; readonly waitMs: number } {
    const todo = new Set(this.#todo());
    for (const id of [...this.#jobs.keys()]) if (!todo.has(id)) this.#jobs.delete(id);
    for (const id of todo) {
      if (!this.#jobs.has(id))
        this.#jobs.set(id, { state: 'waiting', progress: 0, notBefore: 0, failures: 0, verdict: null });
    }
    const now = this.#timer.now();
    let waitMs = LAST_RETRY_MS;
    for (const [finding, job] of this.#jobs) {
      if (job.notBefore <= now) return { finding, waitMs: 0 };
      waitMs = Math.min(waitMs, job.notBefore - now);
    }
    return { finding: null, waitMs };
  }

  /** Findings of other organisations that have no verdict of ours, oldest first. */
  #todo(): MessageId[] {
    const organisation = (key: MemberKey) => this.#history().of(key)?.listings.at(-1)?.member.organisation;
    const name = (key: MemberKey) => this.#history().of(key)?.name ?? key;
    return this.#docket
      .judgements()
      .filter(
        ({ author, verifiers }) =>
          organisation(author) !== organisation(this.#self) &&
          !verifiers.some((verifier) => name(verifier) === name(this.#self)),
      )
      .map(({ finding }) => finding);
  }

  async #attend(finding: MessageId, signal: AbortSignal): Promise<void> {
    const job = this.#jobs.get(finding) as Job;
    const body = this.#docket.finding(finding) as FindingBody;
    const enter = (state: JobState, detail: string) => {
      job.state = state;
      this.#report({ finding, state, detail });
    };
    try {
      job.verdict ??= await this.#decide(finding, body, job, enter, signal);
      await this.#publish(job.verdict);
      job.notBefore = Number.POSITIVE_INFINITY; // said once, also where it does not count
      enter('done', String(job.verdict['outcome']));
    } catch (error) {
      if (signal.aborted) return;
      job.failures += 1;
      const detail = error instanceof OversightError ? `${error.code}: ${error.message}` : messageOf(error);
      if (isRefused(error) && job.failures >= REFUSALS_LIMIT) {
        job.notBefore = Number.POSITIVE_INFINITY;
        enter('given-up', detail);
        return;
      }
      job.notBefore = this.#timer.now() + Math.min(LAST_RETRY_MS, FIRST_RETRY_MS * 2 ** (job.failures - 1));
      enter('failed', detail);
    }
  }

  /** The verdict, its evidence stored. Failures of getting there are counted apart from those of publishing it. */
  async #decide(
    finding: MessageId,
    body: FindingBody,
    job: Job,
    enter: (state: JobState, detail: string) => void,
    signal: AbortSignal,
  ): Promise<PlainObject> {
    const judged = await this.#judge(finding, body, job, enter, signal);
    const evidence = await this.#keepEvidence(finding, judged, signal);
    job.failures = 0;
    return { ...judged.verdict, evidence } as unknown as PlainObject;
  }

  /** @throws OversightError for what lies in this node or its neighbours, and is worth another try */
  async #judge(
    finding: MessageId,
    body: FindingBody,
    job: Job,
    enter: (state: JobState, detail: string) => void,
    signal: AbortSignal,
  ): Promise<Judged> {
    enter('fetching', body.title);
    using held = new DisposableStack();
    const folders = await this.#fetchAll(body, held, signal);
    if (!folders.ok)
      return { verdict: notRerunnable(finding, folders.reason, folders.detail), evidence: null };
    enter('running', body.title);
    const policy = this.#docket.policy(finding);
    const judged = await rerunFinding(
      { finding, body, folders: folders.value, policy, limits: this.#config },
      {
        signal,
        onProgress: ({ done, total }) => {
          job.progress = total === 0 ? 0 : done / total;
        },
      },
    );
    if (!judged.ok) throw new OversightError(judged.reason, judged.detail);
    return judged.value;
  }

  /** Refused: what the CID names is no directory that any node would take. */
  async #fetchAll(
    body: FindingBody,
    held: DisposableStack,
    signal: AbortSignal,
  ): Promise<Result<FindingFolders, 'checkpoint-invalid'>> {
    const fetch = (cid: ContentId): Promise<string> => {
      held.use(this.#shelf.hold(cid));
      return this.#shelf.fetch(cid, { signal, limitBytes: this.#config.fetchLimitBytes });
    };
    try {
      const intervention = body.intervention === null ? null : await fetch(body.intervention.cid);
      return accept({
        target: await fetch(body.target.checkpoint),
        intervention,
        suite: await fetch(body.suite.cid),
        // what an intervention reads is what its manifest names; without one, the source is compared with
        source: intervention === null && body.source !== null ? await fetch(body.source.checkpoint) : null,
        sources: intervention === null ? {} : await fetchSources(intervention, fetch),
      });
    } catch (error) {
      // the size limit is this node's own: another may have room
      if (!(error instanceof OversightError) || error.code !== 'checkpoint-invalid') throw error;
      if (error.details['reason'] === 'too-large') throw error;
      return refuse('checkpoint-invalid', error.message);
    }
  }

  /** One directory an evidence document; written once, named by its content. */
  async #keepEvidence(
    finding: MessageId,
    { evidence }: Judged,
    signal: AbortSignal,
  ): Promise<ContentReference | null> {
    if (evidence === null) return null;
    const directory = join(this.#evidenceDir, finding);
    await mkdir(directory, { recursive: true });
    try {
      await writeFile(join(directory, 'evidence.json'), `${JSON.stringify(evidence)}\n`);
    } catch (error) {
      if (hasErrno(error, 'ENOSPC')) {
        throw new OversightError('disk-full', 'no space for the evidence', { cause: error });
      }
      throw error;
    }
    return this.#shelf.add(directory, { signal });
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#stop.abort();
    await this.#work;
  }
}

/** Not for the time being, as while the own feed is not confirmed, but for what it says. */
function isRefused(error: unknown): boolean {
  if (!(error instanceof OversightError) || error.code !== 'message-refused') return false;
  return error.details['reason'] !== 'feed-unconfirmed' && error.details['reason'] !== 'over-quota';
}
