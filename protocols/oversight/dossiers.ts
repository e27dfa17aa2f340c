import type { MemberKey, MessageId } from '../base/ids.ts';
import type {
  AnalogEntry,
  FrontierEntry,
  OversightRecord,
  StatementEntry,
  StatementKind,
} from '../record/index.ts';

export type StatementOf<K extends StatementKind> = Extract<StatementEntry, { readonly kind: K }>;

/** Who said something. */
export interface Party {
  readonly name: string;
  readonly organisation: string;
}

/** Everything in the record about one frontier model, each list in the order of the record. */
export interface Dossier {
  readonly frontier: FrontierEntry;
  readonly lab: Party;
  readonly analogs: readonly AnalogEntry[];
  /** About the model, its analogs, or one of these statements. */
  readonly statements: readonly StatementEntry[];
}

/** The record sorted by model: made once, asked for many models and dates. */
export class Dossiers {
  readonly record: OversightRecord;
  readonly #parties = new Map<MemberKey, Party>();
  readonly #dossiers = new Map<MessageId, Dossier & { readonly statements: StatementEntry[] }>();
  readonly #guidance: StatementOf<'guidance/1'>[] = [];
  readonly #penalties = new Map<string, StatementOf<'penalty/1'>[]>();
  readonly #withdrawals = new Map<MessageId, StatementOf<'withdrawal/1'>[]>();
  /** By the id of a release or statement, the model it belongs to. */
  readonly #models = new Map<MessageId, MessageId>();

  constructor(record: OversightRecord) {
    this.record = record;
    this.#meet(record);
    for (const frontier of record.frontierReleases) {
      const analogs = record.analogReleases.filter((analog) => analog.frontier === frontier.id);
      const lab = this.partyOf(frontier.author);
      this.#dossiers.set(frontier.id, { frontier, lab, analogs, statements: [] });
      for (const { id } of [frontier, ...analogs]) this.#models.set(id, frontier.id);
    }
    const named = record.statements.map(modelNamed);
    for (const { id, frontier } of named)
      if (frontier !== null && this.#dossiers.has(frontier)) this.#models.set(id, frontier);
    // an answer belongs where what it answers does, so that what opens its fields finds it
    for (const { id, about } of named) {
      const model = about === null ? undefined : this.#models.get(about);
      if (model !== undefined) this.#models.set(id, model);
    }
    for (const statement of record.statements) this.#file(statement);
  }

  /** Null for an id that is no frontier release of the record. */
  of(frontier: MessageId): Dossier | null {
    return this.#dossiers.get(frontier) ?? null;
  }

  all(): Iterable<Dossier> {
    return this.#dossiers.values();
  }

  /** The member behind a key, by whichever of its keys. */
  partyOf(key: MemberKey): Party {
    return this.#parties.get(key) ?? { name: key, organisation: key };
  }

  guidance(): readonly StatementOf<'guidance/1'>[] {
    return this.#guidance;
  }

  /** Penalties for models of this lab. */
  penaltiesOf(lab: string): readonly StatementOf<'penalty/1'>[] {
    return this.#penalties.get(lab) ?? [];
  }

  /** What takes a statement back. */
  withdrawalsOf(statement: MessageId): readonly StatementOf<'withdrawal/1'>[] {
    return this.#withdrawals.get(statement) ?? [];
  }

  #meet({ members, formerMembers }: OversightRecord): void {
    for (const { name, organisation, key } of members) this.#parties.set(key, { name, organisation });
    for (const { name, organisation, former } of [...members, ...formerMembers])
      for (const { key } of former) this.#parties.set(key, { name, organisation });
  }

  #file(statement: StatementEntry): void {
    if (statement.kind === 'guidance/1') this.#guidance.push(statement);
    if (statement.kind === 'withdrawal/1') add(this.#withdrawals, statement.body.statement, statement);
    if (statement.kind === 'inspection/1') {
      for (const dossier of this.#dossiers.values())
        if (hasCheckpoint(dossier, statement.body.checkpoint)) dossier.statements.push(statement);
      return;
    }
    const dossier = this.#dossiers.get(this.#modelOf(statement) as MessageId);
    if (dossier === undefined) return;
    dossier.statements.push(statement);
    if (statement.kind === 'penalty/1') add(this.#penalties, dossier.lab.name, statement);
  }

  /** Of the model that it names, or that what it answers is about. */
  #modelOf(statement: StatementEntry): MessageId | undefined {
    const named = modelNamed(statement);
    return this.#models.get(named.frontier ?? (named.about as MessageId));
  }
}

function modelNamed(statement: StatementEntry): {
  readonly id: MessageId;
  readonly frontier: MessageId | null;
  readonly about: MessageId | null;
} {
  const { id, kind, body } = statement;
  switch (kind) {
    case 'guidance/1':
    case 'inspection/1':
      return { id, frontier: null, about: null };
    case 'withdrawal/1':
      return { id, frontier: null, about: body.statement };
    case 'reply/1':
      return { id, frontier: null, about: body.to };
    case 'cure/1':
      return { id, frontier: null, about: body.notice };
    case 'disclosure/1':
      return { id, frontier: null, about: body.message };
    case 'advisory/1':
    case 'supersession/1':
      return { id, frontier: null, about: body.subject };
    default:
      return { id, frontier: body.frontier, about: null };
  }
}

function hasCheckpoint({ frontier, analogs }: Dossier, checkpoint: string): boolean {
  return frontier.checkpoint === checkpoint || analogs.some((analog) => analog.checkpoint === checkpoint);
}

function add<K, V>(lists: Map<K, V[]>, key: K, value: V): void {
  const list = lists.get(key);
  if (list === undefined) lists.set(key, [value]);
  else list.push(value);
}
