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
import type { FederationRecord } from '../../protocols/record/index.ts';
import type { GatewayNode } from './ports.ts';

/** What a teller asks of the node. */
export type Told = Pick<GatewayNode, 'status' | 'charters' | 'message' | 'record'>;

/** Puts events into words, for subscribers of every kind, and picks those that a filter wants. spec 09-events §4, §6 */
export class Teller {
  readonly #node: Told;
  #names: ReadonlyMap<string, string> = new Map();
  #versions = 0;
  #index: { readonly record: FederationRecord; readonly subjects: Subjects } | null = null;

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
    const { record } = this.#node.record();
    if (this.#index?.record !== record) this.#index = { record, subjects: subjectsOf(record) };
    const { subjects } = this.#index;
    const { data } = event;
    const named = [data['frontier'], data['finding'], data['target'], event.message];
    const known = named.find((each) => typeof each === 'string' && subjects.has(each));
    const subject = typeof known === 'string' ? subjects.get(known) : undefined;
    return {
      kind: this.#node.message(event.message)?.kind ?? null,
      lab: subject?.lab ?? null,
      model: subject?.model ?? null,
      isReleased: subject !== undefined,
    };
  }
}

/** By id of a message, or CID of a checkpoint: the model that it is about. */
type Subjects = ReadonlyMap<string, { readonly model: MessageId; readonly lab: string }>;

function subjectsOf(record: FederationRecord): Subjects {
  const subjects = new Map<string, { model: MessageId; lab: string }>();
  for (const { frontier, lab, analogs, statements } of new Dossiers(record).all()) {
    const subject = { model: frontier.id, lab: lab.name };
    for (const { id } of [frontier, ...analogs, ...statements]) subjects.set(id, subject);
    for (const { checkpoint } of [frontier, ...analogs])
      if (checkpoint !== null) subjects.set(checkpoint, subject);
  }
  for (const { id, target, source, verdicts } of record.findings) {
    // made on the analog, it is about the model that the analog stands for
    const subject = subjects.get(target) ?? subjects.get(source ?? '');
    if (subject === undefined) continue;
    for (const each of [id, ...verdicts.map((verdict) => verdict.id)]) subjects.set(each, subject);
  }
  return subjects;
}
