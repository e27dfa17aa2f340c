import type { MeasureOf, Prompt } from '../../../protocols/artifacts/index.ts';
import { utf8 } from '../../../protocols/base/bytes.ts';
import { everyRow, graded, type LogitGrader } from './grader.ts';
import { LogProbSums } from './log-prob-sums.ts';
import { rowField } from './row-field.ts';

type Params = MeasureOf<'multiple-choice/1'>['params'];

/** Choices of one item; more is no multiple choice. */
const CHOICES_LIMIT = 64;

/**
 * multiple-choice/1: the lead of the right choice's log-probability over the best of the others, each divided by its
 * length as `normalisation` says (`none`, UTF-8 `bytes`, `tokens`); 1 when it leads. The row lists the choices' texts and
 * the index of the right one, from 0. The harness of EleutherAI calls `none` acc and the division by length acc_norm.
 */
export function multipleChoiceGrader({ params }: MeasureOf<'multiple-choice/1'>): LogitGrader {
  return {
    reads: 'logits',
    plan: (prompt, text) => {
      const item = itemOf(params, prompt);
      if (item === null) return null;
      const { choices, answer } = item;
      const rows = everyRow(choices.map((choice) => text.continuation(prompt, params.prefill, choice)));
      if (rows === null) return null;
      return {
        rows,
        begin: () => {
          const sums = new LogProbSums(rows);
          return {
            see: (row, position, logits) => sums.add(row, position, logits),
            end: () => {
              const scores = choices.map(
                (choice, row) => sums.of(row) / lengthOf(params, choice, sums.tokens(row)),
              );
              const others = scores.filter((_, row) => row !== answer);
              const lead = (scores[answer] as number) - Math.max(...others);
              return graded(lead, lead > 0);
            },
          };
        },
      };
    },
  };
}

interface Item {
  readonly choices: readonly string[];
  readonly answer: number;
}

/** Null for a row that is no item: fewer than two choices, an empty one, or no right one. */
function itemOf(params: Params, prompt: Prompt): Item | null {
  const choices = rowField(prompt, params.choices);
  const answer = rowField(prompt, params.answer);
  if (!Array.isArray(choices) || choices.length < 2 || choices.length > CHOICES_LIMIT) return null;
  if (!choices.every((choice) => typeof choice === 'string' && choice !== '')) return null;
  const isIndex = typeof answer === 'number' && Number.isInteger(answer) && answer >= 0;
  return isIndex && answer < choices.length ? { choices, answer } : null;
}

function lengthOf({ normalisation }: Params, choice: string, tokens: number): number {
  if (normalisation === 'none') return 1;
  return normalisation === 'bytes' ? utf8(choice).length : tokens;
}
