import type { MeasureOf } from '../../../protocols/artifacts/index.ts';
import { graded, type LogitGrader } from './grader.ts';
import { LogProbSums } from './log-prob-sums.ts';

/**
 * continuation-log-prob/1: the log-probability in nats of a given text as the answer, each token given those before it;
 * 1 when it is at least `minimum`. A trigger without the noise of decoding.
 */
export function continuationLogProbGrader({ params }: MeasureOf<'continuation-log-prob/1'>): LogitGrader {
  return {
    reads: 'logits',
    plan: (prompt, text) => {
      const row = text.continuation(prompt, params.prefill, params.text);
      if (row === null) return null;
      return {
        rows: [row],
        begin: () => {
          const sums = new LogProbSums([row]);
          return {
            see: (index, position, logits) => sums.add(index, position, logits),
            end: () => graded(sums.of(0), sums.of(0) >= params.minimum),
          };
        },
      };
    },
  };
}
