/** How one requirement of spec 17-releases §2 came out. `code` is stable; `detail` says what is there, `cure` what to do. */
export type Requirement = {
  readonly clause: `17-releases §${number}.${number}`;
  readonly part: string;
} & (
  | { readonly state: 'met'; readonly detail: string }
  | {
      readonly state: 'failed' | 'open';
      readonly code: string;
      readonly detail: string;
      readonly cure: string;
    }
);

export interface Outcomes {
  met(detail: string): Requirement;
  failed(code: string, detail: string, cure: string): Requirement;
  /** What it needs is not at hand. */
  open(code: string, detail: string, cure: string): Requirement;
}

/** Outcomes of one requirement. */
export function requirement(number: number, part: string): Outcomes {
  const named = { clause: `17-releases §2.${number}`, part } as const;
  return {
    met: (detail) => ({ ...named, state: 'met', detail }),
    failed: (code, detail, cure) => ({ ...named, state: 'failed', code, detail, cure }),
    open: (code, detail, cure) => ({ ...named, state: 'open', code, detail, cure }),
  };
}

/** 314,048 rather than 314048. */
export function grouped(count: number): string {
  return String(count).replaceAll(/\B(?=(?:\d{3})+$)/g, ',');
}
