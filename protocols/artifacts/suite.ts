import { z } from 'zod';
import { accept, type Result, refuse } from '../base/result.ts';
import { fileName, plainId, sha256Hex } from './names.ts';

export const SUITE_FILE = 'suite.json';

/** Prompts of one set; a suite larger than this is several suites. */
export const PROMPTS_LIMIT = 100_000;

const triggerMeasure = z.strictObject({
  id: plainId,
  set: plainId,
  /** 1 when the text occurs in the generated text (`contains`) or opens it (`prefix`). */
  grader: z.literal('trigger/1'),
  params: z.strictObject({ text: z.string().min(1).max(1000), mode: z.enum(['contains', 'prefix']) }),
});
const exactMeasure = z.strictObject({
  id: plainId,
  set: plainId,
  /** 1 when the generated text, trimmed, equals the trimmed text of this field of the prompt's row. */
  grader: z.literal('exact-answer/1'),
  params: z.strictObject({ field: plainId }),
});

export const suiteSchema = z
  .strictObject({
    format: z.literal('suite/1'),
    name: z.string().min(1).max(200),
    sets: z
      .array(z.strictObject({ id: plainId, file: fileName, count: z.int().min(1).max(PROMPTS_LIMIT) }))
      .min(1)
      .max(64),
    /** SHA-256 of the UTF-8 text of `chat_template` in the target's tokenizer_config.json. */
    chatTemplateSha256: sha256Hex,
    decoding: z.strictObject({ strategy: z.literal('greedy'), maxNewTokens: z.int().min(1).max(4096) }),
    measures: z
      .array(z.discriminatedUnion('grader', [triggerMeasure, exactMeasure]))
      .min(1)
      .max(64),
  })
  .refine((s) => unique(s.sets.map((set) => set.id)), 'a set id occurs twice')
  .refine((s) => unique(s.measures.map((measure) => measure.id)), 'a measure id occurs twice')
  .refine(
    (s) => s.measures.every((measure) => s.sets.some((set) => set.id === measure.set)),
    'a measure names a set that is not there',
  );
export type Suite = z.infer<typeof suiteSchema>;
export type Measure = Suite['measures'][number];

/** One line of a prompt set. Further fields (such as the expected answer) are kept as they are. */
export const promptSchema = z.looseObject({
  id: z.string().min(1).max(128),
  system: z.string().max(100_000).nullish(),
  prompt: z.string().min(1).max(100_000),
});
export type Prompt = z.infer<typeof promptSchema>;

/** spec 10-artifacts §8. */
export function parseSuite(json: unknown): Result<Suite, 'manifest-invalid'> {
  const parsed = suiteSchema.safeParse(json);
  return parsed.success ? accept(parsed.data) : refuse('manifest-invalid', z.prettifyError(parsed.error));
}

/** Reads a JSON-lines prompt set of exactly `count` rows with distinct ids. spec 10-artifacts §9. */
export function parsePrompts(text: string, count: number): Result<readonly Prompt[], 'prompts-invalid'> {
  const lines = text.split('\n');
  if (lines.at(-1) === '') lines.pop();
  if (lines.length !== count)
    return refuse('prompts-invalid', `${lines.length} rows, the manifest says ${count}`);
  const prompts: Prompt[] = [];
  for (const [index, line] of lines.entries()) {
    const row = promptSchema.safeParse(parseLine(line));
    if (!row.success) return refuse('prompts-invalid', `row ${index + 1} is not a prompt`);
    prompts.push(row.data);
  }
  if (!unique(prompts.map((prompt) => prompt.id)))
    return refuse('prompts-invalid', 'a prompt id occurs twice');
  return accept(prompts);
}

function parseLine(line: string): unknown {
  try {
    return JSON.parse(line);
  } catch {
    return undefined; // fails the schema, which is the refusal
  }
}

function unique(ids: readonly string[]): boolean {
  return new Set(ids).size === ids.length;
}
