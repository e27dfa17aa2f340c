import type { Requirement } from '../../../protocols/release/index.ts';
import { clean, wrap } from '../terminal.ts';

const MARK = { met: 'ok    ', failed: 'FAILED', open: 'open  ' } as const;
const INDENT = ' '.repeat(MARK.met.length + 1);

/** One line a requirement; under each that is not met, what to do. @param policy whose it is */
export function requirementsView(requirements: readonly Requirement[], policy: string): string {
  const lines = requirements.flatMap((each) => {
    const section = each.clause.slice('17-releases '.length);
    const head = hanging(`${MARK[each.state]} ${section} ${each.part}: ${clean(each.detail)}`);
    if (each.state === 'met') return [head];
    return [head, wrap(`(${each.code}) ${clean(each.cure)}`, INDENT)];
  });
  return [...lines, '', wrap(clean(`Judged by ${policy}.`)), wrap(conclusion(requirements))].join('\n');
}

/** Further lines stand under the text, beside the mark. */
function hanging(text: string): string {
  return wrap(text.slice(INDENT.length), INDENT).replace(INDENT, text.slice(0, INDENT.length));
}

function conclusion(requirements: readonly Requirement[]): string {
  const count = (state: Requirement['state']) => requirements.filter((each) => each.state === state).length;
  const failed = count('failed');
  if (failed > 0) return `NOT READY: ${failed} of ${requirements.length} requirements failed.`;
  const open = count('open');
  return open > 0 ? `Nothing failed; ${open} could not be judged here.` : 'READY: every requirement is met.';
}
