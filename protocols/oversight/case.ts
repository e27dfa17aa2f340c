import { compareText } from '../base/bytes.ts';
import type { OversightPolicy } from '../kinds/index.ts';
import type { AnalogEntry, StatementEntry, StatementKind } from '../record/index.ts';
import { addMonths, type Day, dayOf, endOf, parseDay, startOf } from './calendar.ts';
import type { Dossier, Dossiers, StatementOf } from './dossiers.ts';
import { analogAt, frontierAt } from './opened.ts';

/** When an analog may come. Milliseconds since 1970; ends are the first moment after. spec 18-oversight §2.4 */
export interface Clock {
  readonly from: number;
  readonly day: Day;
  readonly opens: number;
  /** Without any extension. */
  readonly usualEnd: number;
  readonly ends: number;
  /** Those that were granted in time. */
  readonly extensions: readonly StatementOf<'extension/1'>[];
}

/** One model on one date: what witnesses had seen by then, and the policy that governs it. */
export class Case {
  readonly at: number;
  readonly policy: OversightPolicy;
  readonly dossiers: Dossiers;
  readonly dossier: Dossier;
  readonly clock: Clock;
  readonly #heard: readonly StatementEntry[];

  /** @param from when the frontier release was established */
  constructor(dossiers: Dossiers, dossier: Dossier, policy: OversightPolicy, at: number, from: number) {
    this.at = at;
    this.policy = policy;
    this.dossiers = dossiers;
    this.dossier = { ...dossier, frontier: frontierAt(dossier.frontier, at) };
    this.#heard = dossier.statements.filter((each) => isKnown(each, at)).sort(inTime);
    this.clock = this.#clockFrom(from);
  }

  /** Established by the date, in order of established time, and not taken back. */
  heard<K extends StatementKind>(kind: K): StatementOf<K>[] {
    const found = this.#heard.filter((each): each is StatementOf<K> & StatementEntry => each.kind === kind);
    return found.filter((each) => !this.isWithdrawn(each));
  }

  /** Whether its own author has taken it back by the date. */
  isWithdrawn({ id, author }: Pick<StatementEntry, 'id' | 'author'>): boolean {
    const { name } = this.dossiers.partyOf(author);
    return this.dossiers
      .withdrawalsOf(id)
      .some((each) => isKnown(each, this.at) && this.dossiers.partyOf(each.author).name === name);
  }

  /** Whether the author is of the lab's own organisation. */
  isOwn({ author }: Pick<StatementEntry, 'author'>): boolean {
    return this.dossiers.partyOf(author).organisation === this.dossier.lab.organisation;
  }

  isLab({ author }: Pick<StatementEntry, 'author'>): boolean {
    return this.dossiers.partyOf(author).name === this.dossier.lab.name;
  }

  /** Analogs that had been established and that the lab still stood by, the first one first. */
  analogs(): AnalogEntry[] {
    const gone = new Set(
      this.heard('supersession/1')
        .filter((each) => this.isLab(each))
        .map(({ body }) => body.subject),
    );
    return this.dossier.analogs
      .filter((analog) => isKnown(analog, this.at) && !gone.has(analog.id))
      .map((analog) => analogAt(analog, this.at))
      .sort(inTime);
  }

  dayEnd(day: Day): number {
    return endOf(day, this.policy.window.utcOffsetMinutes);
  }

  dayOf(at: number): Day {
    return dayOf(at, this.policy.window.utcOffsetMinutes);
  }

  #clockFrom(from: number): Clock {
    const { window, extensionMonths } = this.policy;
    const day = this.dayOf(from);
    const rehearsalMs = (window.rehearsalSeconds ?? 0) * 1_000;
    const usualEnd = rehearsalMs > 0 ? from + rehearsalMs : this.dayEnd(addMonths(day, window.toMonths));
    const latest = this.dayEnd(addMonths(day, window.toMonths + extensionMonths));
    const extensions: StatementOf<'extension/1'>[] = [];
    let ends = usualEnd;
    for (const extension of this.heard('extension/1')) {
      // spec 18-oversight §2.4: granted before what it moves has passed
      if ((extension.established ?? ends) >= ends) continue;
      ends = Math.max(ends, Math.min(latest, this.dayEnd(parseDay(extension.body.until))));
      extensions.push(extension);
    }
    const opens =
      rehearsalMs > 0 ? from : startOf(addMonths(day, window.fromMonths), window.utcOffsetMinutes);
    return { from, day, opens, usualEnd, ends, extensions };
  }
}

export function isKnown({ established }: { readonly established: number | null }, at: number): boolean {
  return established !== null && established <= at;
}

function inTime(
  a: { readonly established: number | null; readonly id: string },
  b: { readonly established: number | null; readonly id: string },
): number {
  return (a.established ?? 0) - (b.established ?? 0) || compareText(a.id, b.id);
}
