import { type ConformanceCase, type Json, sameJson } from './case.ts';
import type { Answer, Program } from './program.ts';

export interface Failure {
  readonly file: string;
  readonly case: string;
  readonly operation: string;
  readonly allowed: readonly Json[];
  /** What the program said: its output, or the error it named. */
  readonly got: Json;
}

export interface FileGrade {
  readonly file: string;
  readonly cases: number;
  readonly passed: number;
  readonly failed: number;
  readonly unsupported: number;
}

export interface Grade {
  readonly files: readonly FileGrade[];
  readonly failures: readonly Failure[];
}

/** Asks every case of every file, one after another. @throws OversightError when the program gives up. */
export async function grade(
  program: Program,
  files: ReadonlyMap<string, readonly ConformanceCase[]>,
  options: { readonly signal: AbortSignal; readonly onFile?: (grade: FileGrade) => void },
): Promise<Grade> {
  const grades: FileGrade[] = [];
  const failures: Failure[] = [];
  for (const [file, cases] of files) {
    let passed = 0;
    let unsupported = 0;
    for (const each of cases) {
      const answer = await program.ask(each.operation, each.input, options);
      if (answer.kind === 'unsupported') unsupported += 1;
      else if (isAllowed(each, answer)) passed += 1;
      else failures.push(failureOf(file, each, answer));
    }
    const failed = cases.length - passed - unsupported;
    const done = { file, cases: cases.length, passed, failed, unsupported };
    grades.push(done);
    options.onFile?.(done);
  }
  return { files: grades, failures };
}

/** spec 15-conformance §1.4 */
function isAllowed({ allowed }: ConformanceCase, answer: Answer): boolean {
  return answer.kind === 'output' && allowed.some((output) => sameJson(output, answer.output));
}

function failureOf(file: string, { name, operation, allowed }: ConformanceCase, answer: Answer): Failure {
  const got =
    answer.kind === 'output' ? answer.output : { error: answer.kind === 'error' ? answer.error : '' };
  return { file, case: name, operation, allowed, got };
}
