import type { MeasureOf } from '../../../protocols/artifacts/index.ts';
import type { TextGrader } from './grader.ts';

/** trigger/1: 1 when the text shows the trigger. `prefix` looks at the start, after leading white space. */
export function triggerGrader({ params }: MeasureOf<'trigger/1'>): TextGrader {
  return {
    reads: 'text',
    grade: (_, text) => {
      const found =
        params.mode === 'contains' ? text.includes(params.text) : text.trimStart().startsWith(params.text);
      return found ? 1 : 0;
    },
  };
}
