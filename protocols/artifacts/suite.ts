import { z } from 'zod';
import { accept, type Result, refuse } from '../base/result.ts';
import { type Comparison, comparisonSchema } from './comparisons.ts';
import { type Measure, measureSchema } from './measures.ts';
import { fileName, plainId, sha256Hex } from './names.ts';

export const SUITE_FILE = 'suite.json';

/** Prompts of one set; a suite larger than this is several suites. */
export const PROMPTS_LIMIT = 100_000;

export const suiteSchema = z
  .strictObject({
    format: z.literal('suite/1'),
    name: z.string().min(1).max(200),
    sets: z
      .array(z.strictObject({ id: plainId, file: fileName, count: z.int().min(1).max(PROMPTS_LIMIT) }))
      .max(64),
    /** SHA-256 of the UTF-8 text of `chat_template` in the target's tokenizer_config.json. */
    chatTemplateSha256: sha256Hex,
    decoding: z.strictObject({ strategy: z.literal('greedy'), maxNewTokens: z.int().min(1).max(4096) }),
    /** Outcomes of one model, prompt by prompt. */
    measures: z.array(measureSchema).max(64),
    /** Statistics of two models, for findings about an analog's fidelity. */
    comparisons: z.array(comparisonSchema).max(64).optional(),
  })
  .refine((s) => s.measures.length + (s.comparisons?.length ?? 0) > 0, 'nothing is measured')
  .refine((s) => unique(s.sets.map((set) => set.id)), 'a set id occurs twice')
  .refine(
    (s) => unique([...s.measures, ...(s.comparisons ?? [])].map((each) => each.id)),
    'a measure id occurs twice',
  )
  .refine(
    (s) => setsRead(s).every((id) => s.sets.some((set) => set.id === id)),
    'a set is named that is not there',
  );
export type Suite = z.infer<typeof suiteSchema>;

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

function setsRead(suite: {
  readonly measures: readonly Measure[];
  readonly comparisons?: readonly Comparison[] | undefined;
}): readonly string[] {
  const streams = (suite.comparisons ?? []).flatMap(({ features }) =>
    features.kind === 'stream' ? [features.set] : [],
  );
  return [...suite.measures.map((measure) => measure.set), ...streams];
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
