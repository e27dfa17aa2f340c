import type { MeasureOf, TeacherPosition, TeacherRow } from '../../../protocols/artifacts/index.ts';
import { topToken } from '../engine/sampling.ts';
import { graded, type LogitGrader, type LogitReading } from './grader.ts';
import { logSumExp } from './log-probs.ts';

export type TeacherRows = ReadonlyMap<string, TeacherRow>;

/**
 * teacher-kl/1: mean KL(teacher || model) in nats over the positions of which a teacher published its `k` likeliest
 * tokens, everything else one further outcome on both sides; 1 when it is at most `maximum`. Joining outcomes can only
 * lower a divergence, so the true one is at least this.
 */
export function teacherKlGrader({ params }: MeasureOf<'teacher-kl/1'>, teacher: TeacherRows): LogitGrader {
  return alongTeacher(teacher, (row) => {
    let sum = 0;
    return {
      see: (_row, position, logits) => {
        sum += toppedKl(positionOf(row, position), logits);
      },
      end: () => {
        const score = Math.max(0, sum / row.positions.length);
        return graded(score, score <= params.maximum, row.positions.length);
      },
    };
  });
}

/** teacher-top1/1: the share of those positions where teacher and model expect the same token first; 1 when all. */
export function teacherTop1Grader(_: MeasureOf<'teacher-top1/1'>, teacher: TeacherRows): LogitGrader {
  return alongTeacher(teacher, (row) => {
    let agreed = 0;
    return {
      see: (_row, position, logits) => {
        if (topToken(logits) === positionOf(row, position).tokens[0]) agreed++;
      },
      end: () => graded(agreed / row.positions.length, agreed === row.positions.length, row.positions.length),
    };
  });
}

/** One row a prompt, along the teacher's own continuation; a prompt of which it published nothing cannot be scored. */
function alongTeacher(teacher: TeacherRows, begin: (row: TeacherRow) => LogitReading): LogitGrader {
  return {
    reads: 'logits',
    plan: (prompt, text) => {
      const row = teacher.get(prompt.id);
      if (row === undefined) return null;
      const ids = text.prompt(prompt);
      const from = (row.positions[0] as TeacherPosition).position;
      const to = (row.positions.at(-1) as TeacherPosition).position + 1;
      if (to > ids.length + row.continuation.length) return null;
      const told = new Set(row.positions.map((each) => each.position));
      return {
        rows: [{ prompt: ids, continuation: row.continuation, from, to }],
        begin: () => {
          const reading = begin(row);
          return {
            see: (index, position, logits, base) => {
              if (told.has(position)) reading.see(index, position, logits, base);
            },
            end: () => reading.end(),
          };
        },
      };
    },
  };
}

function positionOf(row: TeacherRow, position: number): TeacherPosition {
  return row.positions.find((each) => each.position === position) as TeacherPosition;
}

/** KL over the published tokens and the rest of the vocabulary as one more outcome. */
function toppedKl({ tokens, logProbs }: TeacherPosition, logits: Float32Array): number {
  const total = logSumExp(logits);
  const listed = new Set(tokens);
  let sum = 0;
  let told = 0;
  for (const [i, token] of tokens.entries()) {
    const p = Math.exp(logProbs[i] as number);
    told += p;
    sum += p * ((logProbs[i] as number) - ((logits[token] as number) - total));
  }
  const rest = 1 - told;
  if (rest <= 0 || listed.size === logits.length) return sum;
  return sum + rest * (Math.log(rest) - (logSumExp(logits.filter((_, token) => !listed.has(token))) - total));
}
