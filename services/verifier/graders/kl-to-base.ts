import type { MeasureOf } from '../../../protocols/artifacts/index.ts';
import { graded, type LogitGrader } from './grader.ts';
import { klDivergence } from './log-probs.ts';

/**
 * kl-to-base/1: mean KL(unedited || edited) in nats of the next-token distributions, after the last prompt token or after
 * every token of the prompt; 1 when it is at most `maximum`. Arditi et al. 2024 take 0.1 at the last position.
 */
export function klToBaseGrader({ params }: MeasureOf<'kl-to-base/1'>): LogitGrader {
  return {
    reads: 'logits',
    plan: (prompt, text) => {
      const ids = text.prompt(prompt);
      const from = params.positions === 'prompt' ? 0 : ids.length - 1;
      return {
        rows: [{ prompt: ids, continuation: [], from, to: ids.length }],
        begin: () => {
          let sum = 0;
          return {
            see: (_row, _position, logits, base) => {
              sum += klDivergence(base, logits);
            },
            end: () => {
              const score = sum / (ids.length - from);
              return graded(score, score <= params.maximum, ids.length - from);
            },
          };
        },
      };
    },
  };
}
