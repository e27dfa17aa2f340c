import type { MessageId } from '../../protocols/base/ids.ts';
import {
  type CloudEvent,
  type Concern,
  type EventFilter,
  matchesFilter,
  type NodeEvent,
  toCloudEvent,
} from '../../protocols/events/index.ts';
import { isKind, messageId } from '../../protocols/kinds/index.ts';
import { Dossiers } from '../../protocols/oversight/index.ts';
import type { OversightRecord } from '../../protocols/record/index.ts';
import type { GatewayNode } from './ports.ts';

/** What a teller asks of the node. */
export type Told = Pick<GatewayNode, 'status' | 'charters' | 'message' | 'oversightRecord' | 'finding'>;

/** Puts events into words, for subscribers of every kind, and picks those that a filter wants. spec 09-events §4, §6 */
export class Teller {
  readonly #node: Told;
  #names: ReadonlyMap<string, string> = new Map();
  #versions = 0;
  #index: { readonly record: OversightRecord; readonly subjects: Subjects } | null = null;

  constructor(node: Told) {
    this.#node = node;
  }

  /** The event as subscribers get it; null: the filter does not want it. */
  tell(event: NodeEvent, filter: EventFilter): CloudEvent | null {
    if (!matchesFilter(filter, event, () => this.#concernOf(event))) return null;
    const names = { author: this.#nameOf(event.author), finding: this.#titleOf(event) };
    return toCloudEvent(event, this.#node.status().member, names);
  }

  async *tellAll(events: AsyncIterable<NodeEvent>, filter: EventFilter): AsyncIterable<CloudEvent> {
    for await (const event of events) {
      const told = this.tell(event, filter);
      if (told !== null) yield told;
    }
  }

  #nameOf(key: string): string | null {
    const charters = this.#node.charters();
    if (charters.length !== this.#versions) {
      // of all versions: events tell of keys that have gone, too
      this.#names = new Map(
        charters.flatMap(({ document }) =>
          document.members.map(({ keys, name }) => [keys.signing, name] as const),
        ),
      );
      this.#versions = charters.length;
    }
    return this.#names.get(key) ?? null;
  }

  #titleOf({ data }: NodeEvent): string | null {
    const id = messageId.safeParse(data['finding']);
    const message = id.success ? this.#node.message(id.data) : null;
    return message !== null && isKind(message, 'finding/1') ? message.body.title : null;
  }

  #concernOf(event: NodeEvent): Concern {
    const { data } = event;
    const named = [data['frontier'], data['finding'], data['target'], event.message];
    let subject: Subject | undefined;
    for (const each of named) if (typeof each === 'string') subject ??= this.#subjectOf(each);
    return {
      kind: this.#node.message(event.message)?.kind ?? null,
      lab: subject?.lab ?? null,
      model: subject?.model ?? null,
      isReleased: subject !== undefined,
    };
  }

  #subjectOf(name: string): Subject | undefined {
    const record = this.#node.oversightRecord();
    if (this.#index?.record !== record) this.#index = { record, subjects: subjectsOf(record) };
    const { subjects } = this.#index;
    const known = subjects.get(name);
    const id = messageId.safeParse(name);
    if (known !== undefined || !id.success) return known;
    const message = this.#node.message(id.data);
    if (message !== null && isKind(message, 'verdict/1')) return this.#subjectOf(message.body.finding);
    const finding = this.#node.finding(id.data);
    // made on the analog, it is about the model that the analog stands for
    return finding === null
      ? undefined
      : (subjects.get(finding.target) ?? subjects.get(finding.source ?? ''));
  }
}

/** The model that something is about. */
interface Subject {
  readonly model: MessageId;
  readonly lab: string;
}

/** By id of a release or statement, or CID of a checkpoint. */
type Subjects = ReadonlyMap<string, Subject>;

function subjectsOf(record: OversightRecord): Subjects {
  const subjects = new Map<string, Subject>();
  for (const { frontier, lab, analogs, statements } of new Dossiers(record).all()) {
    const subject = { model: frontier.id, lab: lab.name };
    for (const { id } of [frontier, ...analogs, ...statements]) subjects.set(id, subject);
    for (const { checkpoint } of [frontier, ...analogs])
      if (checkpoint !== null) subjects.set(checkpoint, subject);
  }
  return subjects;
}
