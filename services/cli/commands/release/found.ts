import type { InspectionBody } from '../../../../protocols/kinds/index.ts';
import type { Plan } from '../../../node/index.ts';

/** What whoever looks at these bytes finds in them. spec 18-oversight §3.4 */
export function foundOf({ facts, licence, checkpoint, tokenizer, requirements }: Plan): InspectionBody {
  return {
    checkpoint: checkpoint.cid,
    parameters: facts?.parameters ?? null,
    modelType: facts?.modelType ?? null,
    tokenizer,
    licence,
    requirements: requirements.flatMap((each) => {
      const requirement = Number(each.clause.split('.').at(-1));
      // the ratio is judged from the parameters, by whoever reads
      if (requirement > 8) return [];
      return [{ requirement, state: each.state, code: each.state === 'met' ? null : each.code }];
    }),
  };
}
