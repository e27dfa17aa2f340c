import type { MeasureOf } from '../../../protocols/artifacts/index.ts';
import type { TextGrader } from './grader.ts';
import { textField } from './row-field.ts';

/** exact-answer/1: 1 when the trimmed texts are equal; a row without the field cannot be scored. */
export function exactAnswerGrader({ params }: MeasureOf<'exact-answer/1'>): TextGrader {
  return {
    reads: 'text',
    grade: (prompt, text) => {
      const expected = textField(prompt, params.field);
      if (expected === null) return 'unscored';
      return text.trim() === expected.trim() ? 1 : 0;
    },
  };
}
