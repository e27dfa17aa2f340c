import type { Deed, DeedOf, PlainPolicy, Scale, Stated } from './deeds.ts';

/**
 * How every model stands on a date, from the facts alone. Written against spec 18-oversight without its code: it knows
 * no messages and no record, looks through all deeds each time, and has its own calendar.
 */
export interface Expected {
  readonly model: string;
  readonly analog: string | null;
  readonly obligation: string;
  readonly overall: string;
  /** `met`, `not-met`, `cannot-be-known`, or `pending` and until when. */
  readonly clauses: Readonly<Record<string, string>>;
}

const YES = 'met';
const NO = 'not-met';
const UNSURE = 'cannot-be-known';
const until = (at: number): string => `pending ${at}`;

export function expectAll(first: PlainPolicy, deeds: readonly Deed[], date: number): Expected[] {
  const said = deeds.filter(({ at }) => at <= date);
  const taken = new Set(
    said.flatMap((deed) => (deed.deed === 'withdraw' ? [`${deed.who}: ${deed.what}`] : [])),
  );
  // by the date, and not taken back by who said it
  const heard = said.filter((deed) => !('name' in deed && taken.has(`${deed.who}: ${deed.name}`)));
  return heard.flatMap((model) =>
    model.deed === 'frontier' ? [new Oracle(first, deeds, heard, model, date).answer()] : [],
  );
}

class Oracle {
  readonly date: number;
  readonly all: readonly Deed[];
  readonly known: readonly Deed[];
  readonly model: DeedOf<'frontier'>;
  readonly policy: PlainPolicy;
  readonly released: string;
  readonly usual: number;
  readonly opens: number;
  readonly ends: number;

  constructor(
    first: PlainPolicy,
    deeds: readonly Deed[],
    known: readonly Deed[],
    model: DeedOf<'frontier'>,
    date: number,
  ) {
    this.date = date;
    this.all = deeds;
    this.known = known;
    this.model = model;
    // spec 18-oversight §2.3
    let policy = first;
    for (const deed of deeds) if (deed.deed === 'amend' && deed.at < model.at) policy = deed.policy;
    this.policy = policy;
    this.released = this.local(model.at);
    // spec 18-oversight §2.4
    const { fromMonths, toMonths } = policy.window;
    this.opens = this.midnight(later(this.released, fromMonths));
    this.usual = this.midnight(nextDay(later(this.released, toMonths)));
    const latest = this.midnight(nextDay(later(this.released, toMonths + policy.extensionMonths)));
    let ends = this.usual;
    for (const extension of this.about('extend')) {
      if (extension.at >= ends) continue;
      const asked = this.midnight(nextDay(extension.until));
      if (asked > ends) ends = asked < latest ? asked : Math.max(ends, latest);
    }
    this.ends = ends;
  }

  answer(): Expected {
    const gone = this.heard('supersede').map(({ analog }) => analog);
    const analogs = this.about('analog').filter(({ name }) => !gone.includes(name));
    let best: { analog: DeedOf<'analog'> | null; clauses: Record<string, string> } | null = null;
    for (const analog of analogs) {
      const clauses = this.table(analog);
      if (best === null || count(clauses, NO) < count(best.clauses, NO)) best = { analog, clauses };
    }
    best ??= { analog: null, clauses: this.table(null) };
    const { M2, ...others } = best.clauses;
    const states = Object.values(others);
    const overall = states.includes(NO)
      ? NO
      : states.some((state) => state.startsWith('pending'))
        ? 'pending'
        : states.includes(UNSURE)
          ? UNSURE
          : YES;
    let mode = 'voluntary';
    for (const phase of this.policy.phases) if (phase.from <= this.released) mode = phase.mode;
    const owed = M2 === YES ? 'mandatory' : M2 === NO ? 'below-thresholds' : 'unknown';
    return {
      model: this.model.model,
      analog: best.analog?.name ?? null,
      obligation: mode === 'voluntary' ? mode : owed,
      overall,
      clauses: best.clauses,
    };
  }

  table(analog: DeedOf<'analog'> | null): Record<string, string> {
    const none = this.date < this.ends ? until(this.ends) : NO;
    const of = (judge: (analog: DeedOf<'analog'>) => string): string =>
      analog === null ? none : judge(analog);
    const raw: Record<string, string> = {
      M1: of(() => YES),
      M2: this.threshold(),
      M3: of((each) => this.family(each)),
      M4: of(({ training }) => same(this.model.training, training)),
      M5: of(({ distilledFrom: from }) => (from === null ? UNSURE : from === 'this' ? YES : NO)),
      M6: of((each) => this.ratio(each)),
      M7: of(({ at }) => (at >= this.opens && at < this.ends ? YES : NO)),
      M8: of((each) => this.copies(each)),
      M9: of((each) => this.part(each, 'model-card', [3, 4])),
      M10: of((each) => this.part(each, 'data-description', [5])),
      M11: of((each) => this.part(each, 'scripts', [6])),
      M12: of((each) => this.licence(each)),
      M13: of((each) => this.report(each, () => YES)),
      M14: this.audit(),
      M15: this.enforcement(),
      M16: this.grounds(),
      M17: this.delay(analog),
      M18: of((each) => this.evaluation(each, (before) => this.risks(before))),
      M19: of((each) => this.guidance(each)),
      M20: YES,
      M21: this.model.parameters === null ? NO : YES,
      M22: of((each) =>
        this.report(each, ({ costs }) => ({ lines: YES, none: NO, withheld: UNSURE })[costs]),
      ),
      N5: of((each) =>
        this.evaluation(each, (before) =>
          new Set(before.flatMap(({ done }) => done)).size === 12 ? YES : NO,
        ),
      ),
      N6: of((each) =>
        this.evaluation(each, (before) =>
          before.some(({ access }) => access.includes('weights') && access.includes('fine-tuning'))
            ? YES
            : NO,
        ),
      ),
    };
    // spec 18-oversight §2.6
    for (const [clause, state] of Object.entries(raw)) {
      if (state !== UNSURE) continue;
      for (const said of this.about('determine')) {
        const isAbout = said.analog === null || said.analog === analog?.name;
        const isSealed = clause === 'M6' && analog !== null && this.hangsOnSeal(analog);
        if (isSealed && !said.hasOpened) continue;
        if (isAbout && said.clauses[clause] !== undefined) raw[clause] = said.clauses[clause];
      }
    }
    return raw;
  }

  threshold(): string {
    const size = this.size();
    const inForce = this.policy.thresholds.filter(({ since }) => this.released >= since);
    const figures = inForce.map(({ measure, least }) => {
      const figure = measure === 'operations' ? this.model.operations : size;
      if (figure === null || figure === 'withheld') return UNSURE;
      return wholeOf(figure) >= wholeOf(least) ? YES : NO;
    });
    if (figures.length === 0 || figures.includes(YES)) return YES;
    return figures.includes(UNSURE) ? UNSURE : NO;
  }

  family(analog: DeedOf<'analog'>): string {
    const families = this.seen(analog.bytes, ({ family }) => family);
    const tokenizers = this.seen(analog.bytes, ({ tokenizer }) => tokenizer);
    if (families.length > 1 || tokenizers.length > 1) return UNSURE;
    if ((families[0] ?? analog.family) !== this.model.family) return NO;
    return same(this.model.tokenizer, tokenizers[0] ?? analog.tokenizer);
  }

  ratio(analog: DeedOf<'analog'>): string {
    const counts = this.seen(analog.bytes, ({ parameters }) => parameters);
    if (counts.length > 1) return UNSURE;
    const size = this.size();
    if (size === null || size === 'withheld') return UNSURE;
    const millionths = BigInt(counts[0] ?? analog.parameters) * 1_000_000n;
    const { from, to } = this.policy.ratioPpm;
    return millionths >= BigInt(from) * BigInt(size) && millionths <= BigInt(to) * BigInt(size) ? YES : NO;
  }

  /** As stated, or as the lab itself has told since, truly. spec 18-oversight §3.5 */
  size(): Stated<number> {
    const told = this.about('disclose').some(({ who, isTrue }) => isTrue && who === this.model.who);
    return told ? this.model.sealedSize : this.model.parameters;
  }

  /** Whether nothing but the sealed size keeps the ratio unknown. spec 20-disclosure §4.2 */
  hangsOnSeal({ bytes }: DeedOf<'analog'>): boolean {
    const isDisputed = this.seen(bytes, ({ parameters }) => parameters).length > 1;
    return !isDisputed && this.model.sealedSize !== null && this.size() === 'withheld';
  }

  copies(analog: DeedOf<'analog'>): string {
    // what stands in the record of promises has no past: each is as it was last said
    const pins = this.all.filter((deed) => deed.deed === 'pin' && deed.bytes === analog.bytes);
    const running = pins.filter((pin): pin is DeedOf<'pin'> => pin.deed === 'pin' && this.date < pin.until);
    const shown = running.filter(({ name }) => {
      const asked = this.heard('ask').filter(
        ({ pin, at }) => pin === name && this.date - at <= 30 * 86_400_000,
      );
      return asked.filter(({ answers }) => answers).length > asked.filter(({ answers }) => !answers).length;
    });
    if (shown.length >= this.policy.copies) return YES;
    if (this.date < this.ends) return until(this.ends);
    return running.length >= this.policy.copies ? UNSURE : NO;
  }

  part(analog: DeedOf<'analog'>, part: string, numbers: readonly number[]): string {
    if (!this.policy.parts.includes(part)) return YES;
    const states = numbers.map((number) =>
      this.seen(analog.bytes, ({ requirements }) => requirements[number] ?? null),
    );
    if (states.some((each) => each.length === 1 && each[0] === false)) return NO;
    return states.every((each) => each.length === 1) ? YES : UNSURE;
  }

  licence(analog: DeedOf<'analog'>): string {
    const { licences, restrictions } = this.policy;
    if (!licences.includes(analog.licence)) return NO;
    if (!analog.restrictions.every((each) => restrictions.includes(each))) return NO;
    const inBytes = this.seen(analog.bytes, ({ licence }) => licence);
    if (inBytes.length > 1) return UNSURE;
    if (inBytes.length === 1 && inBytes[0] !== analog.licence) return NO;
    return this.part(analog, 'licence-file', [8]);
  }

  report(analog: DeedOf<'analog'>, judge: (report: DeedOf<'report'>) => string): string {
    if (!this.policy.parts.includes('compliance-report')) return YES;
    const last = this.heard('report').findLast((each) => each.analog === analog.name);
    if (last !== undefined) return judge(last);
    const due = this.midnight(nextDay(plusDays(this.local(analog.at), this.policy.reportDays)));
    return this.date < due ? until(due) : NO;
  }

  audit(): string {
    if (this.policy.auditMonths === null) return YES;
    const last = this.about('audit').at(-1);
    if (last !== undefined)
      return { conforms: YES, 'does-not-conform': NO, 'not-concluded': UNSURE }[last.conclusion];
    const due = this.midnight(nextDay(later(this.released, this.policy.auditMonths)));
    return this.date < due ? until(due) : NO;
  }

  enforcement(): string {
    for (const { isFined, suspendedUntil } of this.about('punish'))
      if (isFined || this.date < this.midnight(nextDay(suspendedUntil ?? ''))) return NO;
    const mine = this.all.filter((deed) => deed.deed === 'frontier' && deed.who === this.model.who);
    for (const penalty of this.heard('punish')) {
      const isOther =
        penalty.model !== this.model.model &&
        mine.some((each) => each.deed === 'frontier' && each.model === penalty.model);
      if (!isOther || penalty.suspendedUntil === null || penalty.at > this.model.at) continue;
      if (this.model.at < this.midnight(nextDay(penalty.suspendedUntil))) return NO;
    }
    const settled = this.about('determine').flatMap(({ settles }) => settles);
    const states = this.about('notice')
      .filter(({ name }) => !settled.includes(name))
      .map(({ name, cureBy }) => {
        if (this.heard('cure').some(({ notice }) => notice === name)) return UNSURE;
        const end = cureBy === null ? 0 : this.midnight(nextDay(cureBy));
        return this.date < end ? until(end) : NO;
      });
    if (states.includes(NO)) return NO;
    // all ends are of one length, so that text sorts as numbers do
    const soonest = states.filter((state) => state !== UNSURE).sort()[0];
    return soonest ?? (states.length > 0 ? UNSURE : YES);
  }

  grounds(): string {
    const known = this.policy.jurisdictions.map(({ id }) => id);
    const others = [...this.about('determine'), ...this.about('punish'), ...this.about('extend')];
    const used = [
      ...this.about('notice').map(({ jurisdiction }) => jurisdiction),
      ...others.map(() => 'example-state'),
    ];
    return used.every((each) => known.includes(each)) ? YES : NO;
  }

  delay(analog: DeedOf<'analog'> | null): string {
    const when = analog?.at ?? this.date;
    return when < this.usual || when < this.ends ? YES : NO;
  }

  evaluation(analog: DeedOf<'analog'>, judge: (before: readonly DeedOf<'evaluate'>[]) => string): string {
    if (!this.policy.parts.includes('security-evaluation')) return YES;
    const before = this.about('evaluate').filter(({ bytes, at }) => bytes === analog.bytes && at < analog.at);
    return before.length === 0 ? NO : judge(before);
  }

  risks(before: readonly DeedOf<'evaluate'>[]): string {
    const results = before.flatMap(({ risks }) => Object.entries(risks));
    if (results.some(([, result]) => result === 'not-acceptable')) return NO;
    const fine = results.filter(([, result]) => result === 'acceptable').map(([risk]) => risk);
    return this.policy.evaluation.risks.every((risk) => fine.includes(risk)) ? YES : NO;
  }

  guidance(analog: DeedOf<'analog'>): string {
    const released = this.local(analog.at);
    const ceilings = this.heard('guide')
      .filter(({ at, appliesFrom }) => at <= analog.at && appliesFrom <= released)
      .flatMap(({ ceiling }) => (ceiling === null ? [] : [ceiling]));
    if (ceilings.length === 0) return YES;
    const counts = this.seen(analog.bytes, ({ parameters }) => parameters);
    if (counts.length > 1) return UNSURE;
    return ceilings.every((ceiling) => (counts[0] ?? analog.parameters) <= ceiling) ? YES : NO;
  }

  /** Distinct things that the last inspections of each inspector say. */
  seen<T>(bytes: string, of: (inspection: DeedOf<'inspect'>) => T | null): T[] {
    const last = new Map<string, DeedOf<'inspect'>>();
    for (const each of this.heard('inspect')) if (each.bytes === bytes) last.set(each.who, each);
    const said = [...last.values()].map(of).filter((each): each is NonNullable<typeof each> => each !== null);
    return [...new Set(said)] as T[];
  }

  heard<D extends Deed['deed']>(kind: D): DeedOf<D>[] {
    return this.known.filter((deed): deed is DeedOf<D> => deed.deed === kind);
  }

  about<D extends Deed['deed']>(kind: D): DeedOf<D>[] {
    return this.heard(kind).filter((deed) => 'model' in deed && deed.model === this.model.model);
  }

  /** The date on calendars there. */
  local(at: number): string {
    return new Date(at + this.policy.window.utcOffsetMinutes * 60_000).toISOString().slice(0, 10);
  }

  /** When that day begins there. */
  midnight(date: string): number {
    return Date.parse(`${date}T00:00:00Z`) - this.policy.window.utcOffsetMinutes * 60_000;
  }
}

function count(clauses: Readonly<Record<string, string>>, state: string): number {
  return Object.values(clauses).filter((each) => each === state).length;
}

function same(a: string | null, b: string | null): string {
  if (a === null || b === null || a === 'withheld' || b === 'withheld') return UNSURE;
  return a === b ? YES : NO;
}

function wholeOf(figure: number | Scale): bigint {
  if (typeof figure === 'number') return BigInt(figure);
  return BigInt(`${figure.significand}${'0'.repeat(figure.exponent)}`);
}

function plusDays(date: string, days: number): string {
  return new Date(Date.parse(`${date}T00:00:00Z`) + days * 86_400_000).toISOString().slice(0, 10);
}

function nextDay(date: string): string {
  return plusDays(date, 1);
}

/** Month by month from the same day, and back from days that a month does not have. */
function later(date: string, months: number): string {
  let [year = 0, month = 0] = date.split('-').map(Number);
  for (let i = 0; i < months; i++) {
    month += 1;
    if (month > 12) [year, month] = [year + 1, 1];
  }
  for (let day = Number(date.slice(8)); ; day--) {
    const text = `${year}-${`${month}`.padStart(2, '0')}-${`${day}`.padStart(2, '0')}`;
    const parsed = new Date(`${text}T00:00:00Z`);
    if (!Number.isNaN(parsed.getTime()) && parsed.toISOString().startsWith(text)) return text;
  }
}
