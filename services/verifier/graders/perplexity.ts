import type { MeasureOf, Prompt } from '../../../protocols/artifacts/index.ts';
import type { ForcedRow } from '../engine/score.ts';
import { type Encoder, graded, type LogitGrader } from './grader.ts';
import { LogProbSums } from './log-prob-sums.ts';
import { textField } from './row-field.ts';

/**
 * perplexity/1: mean negative log-probability in nats a token of the row's text, the logarithm of its perplexity; 1 when
 * it is at most `maximumRise` above the unedited model's, so ln 1.1 allows a perplexity ratio of 1.1. The text is the
 * answer to the prompt (`chat`), or stands alone (`none`), behind what the tokenizer puts before a text; without that its
 * first token is given.
 */
export function perplexityGrader({ params }: MeasureOf<'perplexity/1'>): LogitGrader {
  return {
    reads: 'logits',
    plan: (prompt, text) => {
      const row = rowOf(params, prompt, text);
      if (row === null) return null;
      return {
        rows: [row],
        begin: () => {
          const own = new LogProbSums([row]);
          const unedited = new LogProbSums([row]);
          return {
            see: (index, position, logits, base) => {
              own.add(index, position, logits);
              unedited.add(index, position, base);
            },
            end: () => {
              const tokens = own.tokens(0);
              const rise = (unedited.of(0) - own.of(0)) / tokens;
              return graded(-own.of(0) / tokens, rise <= params.maximumRise, tokens);
            },
          };
        },
      };
    },
  };
}

function rowOf(params: MeasureOf<'perplexity/1'>['params'], prompt: Prompt, text: Encoder): ForcedRow | null {
  const said = textField(prompt, params.field);
  if (said === null || said === '') return null;
  if (params.context === 'chat') return text.continuation(prompt, undefined, said);
  const { opening, ids } = text.plain(said);
  const tokens = [...opening, ...ids];
  // a token has a probability where one stands before it
  const from = Math.max(0, opening.length - 1);
  return tokens.length - 1 <= from ? null : { prompt: tokens, continuation: [], from, to: tokens.length - 1 };
}
