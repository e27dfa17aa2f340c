import type { MeasureOf } from '../../../protocols/artifacts/index.ts';
import { everyRow, graded, type LogitGrader } from './grader.ts';
import { LogProbSums } from './log-prob-sums.ts';
import { logSumExp } from './log-probs.ts';
import { textField } from './row-field.ts';

/**
 * two-choice/1, for A/B and yes/no items: log p(matching) - log p(other) in nats, where the row's field names the matching
 * choice and a choice's probability is the sum over its texts; 1 when the matching one is preferred. A row that names
 * neither cannot be scored. p(match) / (p(A) + p(B)) of contrastive activation addition is the logistic of this score.
 */
export function twoChoiceGrader({ params }: MeasureOf<'two-choice/1'>): LogitGrader {
  const texts = params.choices.flatMap((choice, index) => choice.texts.map((text) => ({ index, text })));
  return {
    reads: 'logits',
    plan: (prompt, text) => {
      const named = textField(prompt, params.field)?.trim();
      const matching = params.choices.findIndex((choice) => choice.value.trim() === named);
      const rows = everyRow(texts.map((each) => text.continuation(prompt, params.prefill, each.text)));
      if (matching === -1 || rows === null) return null;
      return {
        rows,
        begin: () => {
          const sums = new LogProbSums(rows);
          const logProb = (choice: number) =>
            logSumExp(texts.flatMap(({ index }, row) => (index === choice ? [sums.of(row)] : [])));
          return {
            see: (row, position, logits) => sums.add(row, position, logits),
            end: () => {
              const score = logProb(matching) - logProb(1 - matching);
              return graded(score, score > 0);
            },
          };
        },
      };
    },
  };
}
