import type { Operations } from '../../../services/cli/conformance/operation.ts';

export type Input = Readonly<Record<string, unknown>>;

/** Cases of one operation by their ids, with the answers of this implementation: what it takes, and what it refuses. */
export function judged(answers: Operations, operation: string, inputs: Readonly<Record<string, Input>>) {
  const cases = Object.entries(inputs).map(([id, input]) => ({
    id,
    input,
    output: answers[operation]?.(input) as Input,
  }));
  return {
    accepted: cases
      .filter(({ output }) => !('refused' in output))
      .map(({ id, input, output }) => ({ id, ...input, ...output })),
    refused: cases
      .filter(({ output }) => 'refused' in output)
      .map(({ id, input, output }) => ({ id, ...input, refusal: output['refused'] })),
  };
}
