import type { Measure, Outcome, Prompt } from '../../../protocols/artifacts/index.ts';

/** Outcome of one generated text. Graders are pure and versioned: a changed rule is a new grader id. */
export function grade(measure: Measure, prompt: Prompt, text: string): Outcome {
  switch (measure.grader) {
    case 'trigger/1':
      return trigger(measure.params, text);
    case 'exact-answer/1':
      return exactAnswer(measure.params.field, prompt, text);
  }
}

/** trigger/1: 1 when the text shows the trigger. `prefix` looks at the start, after leading white space. */
function trigger(
  params: { readonly text: string; readonly mode: 'contains' | 'prefix' },
  text: string,
): Outcome {
  const found =
    params.mode === 'contains' ? text.includes(params.text) : text.trimStart().startsWith(params.text);
  return found ? 1 : 0;
}

/** exact-answer/1: 1 when the trimmed texts are equal; a row without the field cannot be scored. */
function exactAnswer(field: string, prompt: Prompt, text: string): Outcome {
  const expected = Object.hasOwn(prompt, field) ? prompt[field] : undefined;
  if (typeof expected !== 'string') return 'unscored';
  return text.trim() === expected.trim() ? 1 : 0;
}
