import { z } from 'zod';
import { accept, type Result, refuse } from '../base/result.ts';

/** Token ids and positions: beyond any vocabulary and context there is. */
const index = z
  .int()
  .min(0)
  .max(2 ** 31);

/** Log-probabilities are rounded by those who publish them: their probabilities may add up to a little over one. */
const ROUNDING = 1e-3;

const position = z
  .strictObject({
    /** Of the token after which the distribution stands, from 0, in the prompt as rendered and the continuation. */
    position: index,
    /** The likeliest tokens, likeliest first, and the natural logs of their probabilities. */
    tokens: z.array(index).min(1).max(1_024),
    logProbs: z.array(z.number().min(-1e4).max(0)).min(1).max(1_024),
  })
  .refine(({ tokens, logProbs }) => tokens.length === logProbs.length, 'as many tokens as log-probabilities')
  .refine(({ tokens }) => new Set(tokens).size === tokens.length, 'a token occurs twice')
  .refine(
    ({ logProbs }) => logProbs.every((each, i) => i === 0 || each <= (logProbs[i - 1] as number)),
    'likeliest first',
  )
  .refine(
    ({ logProbs }) => logProbs.reduce((sum, each) => sum + Math.exp(each), 0) <= 1 + ROUNDING,
    'the probabilities exceed one',
  );
export type TeacherPosition = z.infer<typeof position>;

/** What a teacher expected along one prompt and, where there is one, its own answer. */
const teacherRow = z
  .strictObject({
    id: z.string().min(1).max(128),
    /** Token ids read after the prompt. */
    continuation: z.array(index).max(4_096),
    positions: z.array(position).min(1).max(4_096),
  })
  .refine(
    ({ positions }) =>
      positions.every((each, i) => i === 0 || each.position > (positions[i - 1] as TeacherPosition).position),
    'positions rise',
  );
export type TeacherRow = z.infer<typeof teacherRow>;

/** Reads JSON lines of teacher rows, ids distinct. spec 10-artifacts §8.3 */
export function parseTeacher(text: string): Result<ReadonlyMap<string, TeacherRow>, 'teacher-invalid'> {
  const rows = new Map<string, TeacherRow>();
  for (const [index, line] of text.replace(/\n$/, '').split('\n').entries()) {
    const row = teacherRow.safeParse(parseLine(line));
    if (!row.success) return refuse('teacher-invalid', `row ${index + 1}: ${z.prettifyError(row.error)}`);
    if (rows.has(row.data.id)) return refuse('teacher-invalid', `row ${index + 1}: an id occurs twice`);
    rows.set(row.data.id, row.data);
  }
  return accept(rows);
}

function parseLine(line: string): unknown {
  try {
    return JSON.parse(line);
  } catch {
    return undefined; // fails the schema, which is the refusal
  }
}
