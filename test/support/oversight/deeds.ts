/** What happens in a made-up federation, as plain facts: the messages are made of them, and so is the oracle's answer. */
interface Said {
  /** Milliseconds since 1970, in whole seconds; no two deeds at once. */
  readonly at: number;
  readonly who: string;
}
/** What a release says of a thing. */
export type Stated<T> = T | 'withheld' | null;
export interface Scale {
  readonly significand: number;
  readonly exponent: number;
}

export type Deed = Said &
  (
    | { readonly deed: 'amend'; readonly policy: PlainPolicy }
    | {
        readonly deed: 'frontier';
        readonly model: string;
        readonly parameters: Stated<number>;
        readonly operations: Stated<Scale>;
        readonly family: string;
        readonly tokenizer: Stated<string>;
        readonly training: Stated<string>;
        /** What stands behind a size that is withheld under a commitment; null: no commitment. */
        readonly sealedSize: number | null;
      }
    | { readonly deed: 'disclose'; readonly model: string; readonly isTrue: boolean }
    | {
        readonly deed: 'analog';
        readonly model: string;
        readonly name: string;
        readonly bytes: string;
        readonly parameters: number;
        readonly family: string;
        readonly tokenizer: string | null;
        readonly training: Stated<string>;
        readonly distilledFrom: 'this' | 'another' | null;
        readonly licence: string;
        readonly restrictions: readonly string[];
      }
    | {
        readonly deed: 'inspect';
        readonly bytes: string;
        readonly parameters: number | null;
        readonly family: string | null;
        readonly tokenizer: string | null;
        readonly licence: string | null;
        /** Requirements of a release by number: whether they are met; null where it stays open. */
        readonly requirements: Readonly<Record<number, boolean | null>>;
      }
    | {
        readonly deed: 'evaluate';
        readonly model: string;
        readonly bytes: string;
        readonly risks: Readonly<Record<string, 'acceptable' | 'not-acceptable' | 'not-tested'>>;
        readonly done: readonly string[];
        readonly access: readonly string[];
      }
    | { readonly deed: 'pin'; readonly name: string; readonly bytes: string; readonly until: number }
    | { readonly deed: 'ask'; readonly pin: string; readonly answers: boolean }
    | {
        readonly deed: 'report';
        readonly model: string;
        readonly analog: string;
        readonly costs: 'lines' | 'none' | 'withheld';
      }
    | {
        readonly deed: 'audit';
        readonly model: string;
        readonly conclusion: 'conforms' | 'does-not-conform' | 'not-concluded';
      }
    | { readonly deed: 'extend'; readonly model: string; readonly name: string; readonly until: string }
    | {
        readonly deed: 'notice';
        readonly model: string;
        readonly name: string;
        readonly cureBy: string | null;
        readonly jurisdiction: string;
      }
    | { readonly deed: 'cure'; readonly notice: string }
    | {
        readonly deed: 'punish';
        readonly model: string;
        readonly name: string;
        readonly notice: string;
        readonly isFined: boolean;
        readonly suspendedUntil: string | null;
      }
    | {
        readonly deed: 'determine';
        readonly model: string;
        readonly name: string;
        readonly analog: string | null;
        readonly clauses: Readonly<Record<string, 'met' | 'not-met'>>;
        /** Whether it names the sealed size as opened. */
        readonly hasOpened: boolean;
        readonly settles: readonly string[];
      }
    | { readonly deed: 'withdraw'; readonly what: string }
    | {
        readonly deed: 'guide';
        readonly name: string;
        readonly ceiling: number | null;
        readonly appliesFrom: string;
      }
    | { readonly deed: 'supersede'; readonly analog: string }
  );
export type DeedOf<D extends Deed['deed']> = Extract<Deed, { readonly deed: D }>;

/** The policy's own shape, written down a second time. */
export interface PlainPolicy {
  readonly thresholds: readonly {
    readonly measure: 'operations' | 'parameters';
    readonly least: Scale;
    readonly source: string;
    readonly since: string;
  }[];
  readonly ratioPpm: { readonly from: number; readonly to: number };
  readonly window: {
    readonly fromMonths: number;
    readonly toMonths: number;
    readonly utcOffsetMinutes: number;
  };
  readonly extensionMonths: number;
  readonly parts: readonly string[];
  readonly licences: readonly string[];
  readonly restrictions: readonly string[];
  readonly evaluation: { readonly risks: readonly string[] };
  readonly copies: number;
  readonly reportDays: number;
  readonly auditMonths: number | null;
  readonly phases: readonly { readonly from: string; readonly mode: 'voluntary' | 'mandatory' }[];
  readonly jurisdictions: readonly {
    readonly id: string;
    readonly name: string;
    readonly legalBasis: string;
  }[];
}
