import type { Measure } from '../../../protocols/artifacts/index.ts';
import { aurocGrader } from './auroc.ts';
import { continuationLogProbGrader } from './continuation-log-prob.ts';
import { exactAnswerGrader } from './exact-answer.ts';
import type { Grader } from './grader.ts';
import { klToBaseGrader } from './kl-to-base.ts';
import { multipleChoiceGrader } from './multiple-choice.ts';
import { perplexityGrader } from './perplexity.ts';
import { refusalListGrader } from './refusal-list.ts';
import { refusalLogOddsGrader } from './refusal-log-odds.ts';
import { type TeacherRows, teacherKlGrader, teacherTop1Grader } from './teacher.ts';
import { triggerGrader } from './trigger.ts';
import { twoChoiceGrader } from './two-choice.ts';

/**
 * The grader of a measure. Graders are pure and versioned: a changed rule is a new grader id.
 * @param teachers what teachers published, by the file a measure names
 */
export function graderOf(measure: Measure, teachers: ReadonlyMap<string, TeacherRows>): Grader {
  switch (measure.grader) {
    case 'trigger/1':
      return triggerGrader(measure);
    case 'exact-answer/1':
      return exactAnswerGrader(measure);
    case 'refusal-list/1':
      return refusalListGrader(measure);
    case 'continuation-log-prob/1':
      return continuationLogProbGrader(measure);
    case 'two-choice/1':
      return twoChoiceGrader(measure);
    case 'multiple-choice/1':
      return multipleChoiceGrader(measure);
    case 'refusal-log-odds/1':
      return refusalLogOddsGrader(measure);
    case 'kl-to-base/1':
      return klToBaseGrader(measure);
    case 'perplexity/1':
      return perplexityGrader(measure);
    case 'auroc/1':
      return aurocGrader(measure);
    case 'teacher-kl/1':
      return teacherKlGrader(measure, teachers.get(measure.params.file) ?? new Map());
    case 'teacher-top1/1':
      return teacherTop1Grader(measure, teachers.get(measure.params.file) ?? new Map());
  }
}
