import { mkdir, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { ContentId } from '../../protocols/base/ids.ts';
import { CLOUD_EVENT_TYPE_PREFIX, type CloudEvent } from '../../protocols/events/index.ts';
import type { ContentReference } from '../../protocols/kinds/index.ts';
import { copiesOf } from '../../protocols/record/index.ts';
import type { RecordAnswer } from '../../services/cli/answers.ts';
import { readEvents } from '../../services/cli/event-reader.ts';
import { NodeClient } from '../../services/cli/node-client.ts';
import { findModels, prepareIntervention } from './artefacts.ts';
import { type Bus, type Federation, foundFederation, openBus } from './federation.ts';
import { type DemoNode, oversight } from './nodes.ts';
import { type Expectation, expectStandings, outcomeTable } from './outcome.ts';
import { Screen } from './screen.ts';
import {
  ANALOG_RELEASE,
  determinationOn,
  FINDINGS,
  FRONTIER_RELEASE,
  LATE_RELEASE,
  MEMBERS,
  noticeOn,
  WINDOW_SECONDS,
} from './story.ts';
import { waitFor } from './wait.ts';

const STEPS = 7;
/** Generous: the whole run takes about half a minute on two cores. */
const STEP_TIMEOUT_MS = 180_000;
/** A promise is for longer than anyone watches. */
const KEEP_MS = 365 * 86_400_000;
/** The victim is killed when its re-run is this far. */
const KILL_AT = 0.3;

export interface DemoOptions {
  /** End after the last step instead of staying up. */
  readonly exit: boolean;
  /** Leave the nodes' homes in place. */
  readonly keep: boolean;
  readonly signal: AbortSignal;
  readonly print?: (line: string) => void;
}

/** Five nodes, three releases, four findings, eight verdicts, two acts of a regulator, one record. @returns whether everything came out as it should */
export async function runDemo(options: DemoOptions): Promise<boolean> {
  const print = options.print ?? ((line: string) => void process.stdout.write(`${line}\n`));
  const start = performance.now();
  await using stack = new AsyncDisposableStack();
  const directory = await mkdtemp(join(tmpdir(), 'oversight-demo-'));
  if (!options.keep) stack.defer(() => rm(directory, { recursive: true, force: true }));
  const demo = new Demo(directory, stack, options.signal, new Screen(STEPS, print));
  const held = await demo.run();
  const places = options.keep || !options.exit ? ` Homes and logs: ${directory}` : '';
  print(`${((performance.now() - start) / 1_000).toFixed(1)} s in all.${places}`);
  if (options.exit) return held;
  print(`The regulator's page: ${demo.pageUrl}   (Ctrl-C ends the demo)`);
  await aborted(options.signal);
  return held;
}

/** Whether every analog has a copy that its lab has no hand in. */
function isKeptElsewhere(record: RecordAnswer): boolean {
  return record.analogReleases.every((analog) => copiesOf(record, analog, Date.now()).independent > 0);
}

/** Ids of the notices. */
interface Releases {
  readonly frontier: string;
  readonly analog: string;
  /** Of the model that no analog comes for. */
  readonly late: string;
}

interface Content {
  readonly releases: Releases;
  readonly frontier: ContentReference;
  readonly analog: ContentReference;
  readonly badAnalog: ContentReference;
}

class Demo {
  readonly #directory: string;
  readonly #stack: AsyncDisposableStack;
  readonly #signal: AbortSignal;
  readonly #screen: Screen;
  readonly #events: CloudEvent[] = [];
  #federation: Federation | null = null;

  constructor(directory: string, stack: AsyncDisposableStack, signal: AbortSignal, screen: Screen) {
    this.#directory = directory;
    this.#stack = stack;
    this.#signal = signal;
    this.#screen = screen;
  }

  get pageUrl(): string {
    return `${this.#node('regulator').url}/`;
  }

  async run(): Promise<boolean> {
    const screen = this.#screen;
    screen.line('The oversight network: five organisations, real models, one record');
    screen.line();
    const models = await findModels();
    await screen.step('A charter, and five nodes that join under it', () => this.#found());
    const content = await screen.step(
      'The lab releases an analog with one frontier model, none with another',
      () => this.#release(models),
    );
    const findings = await screen.step('The academic group publishes four findings', () =>
      this.#publishFindings(models, content),
    );
    const kept = await screen.step('Two verifiers re-run them; one is killed on the way', () =>
      this.#verify(findings),
    );
    const acted = await screen.step('The regulator acts on what is late and what is missing', () =>
      this.#act(content.releases),
    );
    const records = await screen.step('Every node computes the record', () => this.#compare(findings));
    const streamed = await screen.step('The regulator’s event stream told it all', async () =>
      this.#checkEvents(findings),
    );
    const audited = await this.#audit();
    const regulator = await this.#node('regulator').record();
    for (const line of outcomeTable(regulator.record, findings).split('\n')) screen.line(line);
    screen.line();
    const expectations = [
      ...kept,
      ...records,
      ...acted,
      ...expectStandings(regulator.record, findings),
      ...streamed,
      audited,
    ];
    for (const { text, holds } of expectations) screen.line(`${holds ? 'ok    ' : 'FAILED'}  ${text}`);
    screen.line();
    return expectations.every(({ holds }) => holds);
  }

  async #found(): Promise<void> {
    const bus: Bus = await openBus(this.#directory, this.#stack, this.#signal);
    const federation = await foundFederation(this.#directory, bus, this.#stack, this.#signal);
    this.#federation = federation;
    this.#screen.fact('federation');
    this.#screen.fact(federation.id);
    this.#screen.fact(`transports: libp2p on loopback; ${bus.description}`);
    await Promise.all(federation.nodes.map((node) => node.start()));
    this.#listen();
    await this.#untilEvents('every member has joined', 'member.joined', MEMBERS.length);
    const status = await waitFor(
      'every node has met every other over libp2p',
      async () => {
        const all = await Promise.all(federation.nodes.map((node) => node.status()));
        return all.every(({ transports }) => hasMetAll(transports)) ? all : null;
      },
      this.#patience,
    );
    for (const { name, transports } of status) {
      const peers = transports.map((each) => `${each.name} ${each.peers} peers`).join(', ');
      this.#screen.fact(`${name.padEnd(11)} ${peers}`);
    }
  }

  /** What a stranger finds who is given the addresses and the federation's id. */
  async #audit(): Promise<Expectation> {
    const federation = this.#federation as Federation;
    const urls = federation.nodes.map(({ url }) => url);
    const holds = await oversight(
      ['audit', ...urls, '--federation', federation.id, '--blobs'],
      this.#signal,
    ).then(
      () => true,
      () => false,
    );
    return { text: 'an audit of every node holds, content and evidence included', holds };
  }

  /** What any HTTP client sees at /events of the regulator's node. */
  #listen(): void {
    const stop = new AbortController();
    const signal = AbortSignal.any([stop.signal, this.#signal]);
    const client = new NodeClient(this.#node('regulator').url, { signal });
    const reading = (async () => {
      for await (const event of readEvents(client, { after: 0, types: [], signal, onReconnect: () => {} })) {
        this.#events.push(event);
        this.#screen.event(`${event.time.slice(11, 19)}  ${event.data.summary}`);
      }
    })();
    this.#stack.defer(async () => {
      stop.abort();
      await reading.catch(() => {}); // a stream cut by our own abort
    });
  }

  async #release(models: string): Promise<Content> {
    const lab = this.#node('lab');
    const academic = this.#node('academic');
    const frontier = await lab.add(join(models, 'frontier'));
    const analog = await lab.add(join(models, 'analog'));
    // nobody released this one: the academic group shows what a careless analog would do
    const badAnalog = await academic.add(join(models, 'bad-analog'));
    const release = await lab.publish('frontier-release/1', { ...FRONTIER_RELEASE, checkpoint: frontier });
    const notice = { ...ANALOG_RELEASE, frontier: release, distilledFrom: release, checkpoint: analog };
    const analogRelease = await lab.publish('analog-release/1', notice);
    const late = await lab.publish('frontier-release/1', LATE_RELEASE);
    await this.#untilEvents('the analog is known', 'analog.released', 1);
    this.#screen.fact(`frontier ${frontier.cid}`);
    this.#screen.fact(`analog   ${analog.cid}`);
    await this.#node('regulator').pin(analog.cid, Date.now() + KEEP_MS);
    this.#screen.fact('the regulator has fetched the analog and promised to keep it for a year');
    this.#screen.fact(`this charter rehearses: analogs are due ${WINDOW_SECONDS} seconds after a release`);
    return { releases: { frontier: release, analog: analogRelease, late }, frontier, analog, badAnalog };
  }

  async #publishFindings(models: string, content: Content): Promise<string[]> {
    const academic = this.#node('academic');
    const cids = new Map<string, ContentId>([
      ['frontier', content.frontier.cid],
      ['analog', content.analog.cid],
      ['bad-analog', content.badAnalog.cid],
    ]);
    const suite = await academic.add(join(models, 'suites', 'backdoor'));
    const ids: string[] = [];
    await mkdir(join(this.#directory, 'interventions'));
    for (const { folder, source, title, summary, claim } of FINDINGS) {
      const template = join(models, 'interventions', folder);
      const filled = await prepareIntervention(
        template,
        join(this.#directory, 'interventions', folder),
        cids,
      );
      const intervention = await academic.add(filled);
      const checkpoint = source === null ? null : cids.get(source);
      ids.push(
        await academic.publish('finding/1', {
          title,
          summary,
          intervention,
          suite,
          source: checkpoint == null ? null : { checkpoint, release: null },
          target: { checkpoint: content.frontier.cid, release: null },
          claim,
        }),
      );
    }
    await this.#untilEvents('all findings are known', 'finding.published', ids.length);
    return ids;
  }

  async #verify(findings: readonly string[]): Promise<Expectation[]> {
    const victim = this.#node('verifier-b');
    await waitFor('verifier-b is in the middle of a re-run', () => isMidway(victim), this.#patience);
    const before = await messagesOf(victim);
    await victim.kill();
    this.#screen.fact('verifier-b was killed (SIGKILL) in the middle of a re-run');
    await victim.start();
    const after = await messagesOf(victim);
    const lost = before.filter((id) => !after.includes(id)).length;
    this.#screen.fact(`verifier-b is up again with all ${before.length} messages it had acknowledged`);
    await this.#untilEvents('every finding is settled', 'finding.standing-changed', findings.length);
    await this.#untilEvents('every verdict is in', 'verdict.published', 2 * findings.length);
    return [{ text: 'the killed verifier lost nothing that it had acknowledged', holds: lost === 0 }];
  }

  /** What the regulator says in its page, by the same route. */
  async #act({ frontier, analog, late }: Releases): Promise<Expectation[]> {
    const regulator = this.#node('regulator');
    await waitFor(
      'the window of the second release has passed',
      async () => ((await stateOf(regulator, late, 'M7')) === 'not-met' ? true : null),
      this.#patience,
    );
    await regulator.publish('determination/1', determinationOn(frontier, analog));
    this.#screen.fact('it has determined that the analog is incomplete: no evaluation was filed');
    await regulator.publish('notice-of-non-compliance/1', noticeOn(late));
    this.#screen.fact('it has given notice: no analog came for the second model');
    const stands = await waitFor(
      'the notice is established',
      async () => ((await stateOf(regulator, late, 'M15')) === 'not-met' ? true : null),
      this.#patience,
    ).catch(() => false);
    const [hasCome, isMissing] = await Promise.all([
      stateOf(regulator, frontier, 'M7'),
      stateOf(regulator, frontier, 'M18'),
    ]);
    return [
      {
        text: 'the first analog came in time, without the evaluation that was asked',
        holds: hasCome === 'met' && isMissing === 'not-met',
      },
      { text: 'the second release is late, and the regulator’s notice stands against it', holds: stands },
    ];
  }

  async #compare(findings: readonly string[]): Promise<Expectation[]> {
    const nodes = this.#all();
    const records = await waitFor(
      'all records are equal, witnesses have seen what stands in them, and a copy has been shown',
      async () => {
        const all = await Promise.all(nodes.map((node) => node.record()));
        const equal = new Set(all.map(({ digest }) => digest)).size === 1;
        const ready = ({ record }: { readonly record: RecordAnswer }) =>
          untimed(record) === 0 && isKeptElsewhere(record);
        return equal && all.every(ready) ? all : null;
      },
      this.#patience,
    ).catch(() => Promise.all(nodes.map((node) => node.record())));
    nodes.forEach((node, i) => {
      this.#screen.fact(`${node.name.padEnd(11)} ${records[i]?.digest ?? ''}`);
    });
    const digests = new Set(records.map(({ digest }) => digest));
    const own = this.#federation as Federation;
    return [
      { text: 'all five records have the same digest', holds: digests.size === 1 },
      {
        text: 'every release, finding and verdict has an established time, on each node',
        holds: records.every(({ record }) => untimed(record) === 0),
      },
      {
        text: 'the regulator keeps a copy of the analog, and showed it when asked',
        holds: records.every(({ record }) => isKeptElsewhere(record)),
      },
      {
        text: 'every member joined under the charter',
        holds: records.every(
          ({ record }) =>
            record.federation === own.id && record.members.every((each) => each.ratification !== null),
        ),
      },
      {
        text: 'both verifiers judged every finding, and their verdicts count',
        holds: records.every(({ record }) =>
          findings.every((id) => {
            const verdicts = record.findings.find((each) => each.id === id)?.verdicts ?? [];
            return verdicts.length === 2 && verdicts.every((verdict) => verdict.discount === null);
          }),
        ),
      },
    ];
  }

  #checkEvents(findings: readonly string[]): Expectation[] {
    const cursors = this.#events.map((event) => Number(event.id));
    const rising = cursors.every((cursor, i) => cursor === i + 1);
    const told = (type: string) => this.#eventsOf(type).length;
    this.#screen.fact(`${cursors.length} events, from GET ${this.#node('regulator').url}/events`);
    return [
      {
        text: 'the regulator’s stream told each event once and in order',
        holds:
          rising &&
          told('frontier.released') === 2 &&
          told('analog.released') === 1 &&
          told('finding.published') === findings.length &&
          told('verdict.published') === 2 * findings.length &&
          told('finding.standing-changed') === findings.length,
      },
    ];
  }

  #eventsOf(type: string): CloudEvent[] {
    return this.#events.filter((event) => event.type === `${CLOUD_EVENT_TYPE_PREFIX}${type}`);
  }

  async #untilEvents(what: string, type: string, count: number): Promise<void> {
    await waitFor(what, async () => (this.#eventsOf(type).length >= count ? true : null), this.#patience);
  }

  get #patience() {
    return { signal: this.#signal, timeoutMs: STEP_TIMEOUT_MS };
  }

  #all(): readonly DemoNode[] {
    return (this.#federation as Federation).nodes;
  }

  #node(name: (typeof MEMBERS)[number]['name']): DemoNode {
    return (this.#federation as Federation).node(name);
  }
}

function hasMetAll(transports: readonly { readonly name: string; readonly peers: number }[]): boolean {
  return transports.some(({ name, peers }) => name === 'libp2p' && peers === MEMBERS.length - 1);
}

async function stateOf(node: DemoNode, frontier: string, clause: string): Promise<string | undefined> {
  const { clauses } = await node.report(frontier);
  return clauses.find((each) => each.clause === clause)?.state;
}

async function isMidway(node: DemoNode): Promise<true | null> {
  const { jobs } = await node.status();
  return jobs.some((job) => job.state === 'running' && job.progress >= KILL_AT) ? true : null;
}

/** Releases, findings and verdicts of which witnesses do not say yet when they were known. */
function untimed({ frontierReleases, analogReleases, findings }: RecordAnswer): number {
  const verdicts = findings.flatMap((finding) => finding.verdicts);
  const all = [...frontierReleases, ...analogReleases, ...findings, ...verdicts];
  return all.filter(({ established }) => established === null).length;
}

/** Ids of everything a node has made durable and counts: what its record is made of. */
async function messagesOf(node: DemoNode): Promise<string[]> {
  const { record } = await node.record();
  const releases = [...record.frontierReleases, ...record.analogReleases].map(({ id }) => id);
  const findings = record.findings.flatMap(({ id, verdicts }) => [id, ...verdicts.map((each) => each.id)]);
  return [...releases, ...findings, ...record.members.flatMap(({ ratification }) => ratification ?? [])];
}

function aborted(signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal.aborted) resolve();
    else signal.addEventListener('abort', () => resolve(), { once: true });
  });
}
