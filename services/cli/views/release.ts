import type { Requirement } from '../../../protocols/release/index.ts';
import { clean, wrap } from '../terminal.ts';

const MARK = { met: 'ok    ', failed: 'FAILED', open: 'open  ' } as const;

/** One line a requirement; under each that is not met, what to do. */
export function requirementsView(requirements: readonly Requirement[]): string {
  const lines = requirements.flatMap((each) => {
    const section = each.clause.slice('17-releases '.length);
    const head = wrap(clean(`${MARK[each.state]} ${section} ${each.part}: ${each.detail}`));
    if (each.state === 'met') return [head];
    return [head, wrap(`(${each.code}) ${clean(each.cure)}`, '       ')];
  });
  return [...lines, '', wrap(conclusion(requirements))].join('\n');
}

function conclusion(requirements: readonly Requirement[]): string {
  const count = (state: Requirement['state']) => requirements.filter((each) => each.state === state).length;
  const failed = count('failed');
  if (failed > 0) return `NOT READY: ${failed} of ${requirements.length} requirements failed.`;
  const open = count('open');
  return open > 0 ? `Nothing failed; ${open} could not be judged here.` : 'READY: every requirement is met.';
}
