import type { MeasureOf } from '../../../protocols/artifacts/index.ts';
import { graded, type ProbeGrader, UNSCORED } from './grader.ts';
import { textField } from './row-field.ts';

/**
 * auroc/1: what a probe reads of the prompt; 1 when it lies on its label's side of `threshold`, above for a row whose
 * field is `positive`, at or below it for any other text. The area under the curve is a statistic of all prompts.
 */
export function aurocGrader({ params }: MeasureOf<'auroc/1'>): ProbeGrader {
  return {
    reads: 'probe',
    grade: (prompt, reading) => {
      const label = textField(prompt, params.field);
      if (label === null || !Number.isFinite(reading)) return UNSCORED;
      return graded(reading, reading > params.threshold === (label === params.positive));
    },
  };
}
