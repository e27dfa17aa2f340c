import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { type Measure, parseTeacher } from '../../../protocols/artifacts/index.ts';
import type { TeacherRows } from '../graders/teacher.ts';
import { readSuiteFile, suiteInvalid } from './load-suite.ts';

/**
 * What teachers published, by file, for those measures that ask for it.
 * @param target directory of the model whose tokens it is read in
 * @throws OversightError `suite-invalid`; `details.reason` says why.
 */
export async function loadTeachers(
  suite: string,
  measures: readonly Measure[],
  target: string,
): Promise<ReadonlyMap<string, TeacherRows>> {
  const teachers = new Map<string, TeacherRows>();
  for (const { grader, params } of measures) {
    if (grader !== 'teacher-kl/1' && grader !== 'teacher-top1/1') continue;
    // token ids mean something only in the teacher's own vocabulary
    if (params.tokenizerSha256 !== (await sha256Of(join(target, 'tokenizer.json'))))
      throw suiteInvalid('tokenizer-mismatch', `${params.file} is in the tokens of another tokenizer`);
    const rows = parseTeacher(await readSuiteFile(suite, params.file));
    if (!rows.ok) throw suiteInvalid(rows.reason, `${params.file}: ${rows.detail}`);
    teachers.set(params.file, rows.value);
  }
  return teachers;
}

async function sha256Of(path: string): Promise<string> {
  return createHash('sha256')
    .update(await readFile(path))
    .digest('hex');
}
