import type { Positions } from '../../../protocols/artifacts/index.ts';

/** Where a token stands: inside the prompt, at its end, or made by the model. */
export type Phase = 'prompt' | 'last-prompt-token' | 'generated';

const PHASES: Readonly<Record<Positions, ReadonlySet<Phase>>> = {
  'last-prompt-token': new Set(['last-prompt-token']),
  generated: new Set(['generated']),
  'last-prompt-token-and-generated': new Set(['last-prompt-token', 'generated']),
  all: new Set(['prompt', 'last-prompt-token', 'generated']),
};

export function touches(positions: Positions, phase: Phase): boolean {
  return PHASES[positions].has(phase);
}

export function phaseAt(position: number, promptLength: number): Phase {
  if (position < promptLength - 1) return 'prompt';
  return position === promptLength - 1 ? 'last-prompt-token' : 'generated';
}

/** Positions a declaration asks for in one row that read `promptLength` prompt tokens and `generatedRead` of its own. */
export function declaredPositions(positions: Positions, promptLength: number, generatedRead: number): number {
  return (
    (touches(positions, 'prompt') ? promptLength - 1 : 0) +
    (touches(positions, 'last-prompt-token') ? 1 : 0) +
    (touches(positions, 'generated') ? generatedRead : 0)
  );
}
