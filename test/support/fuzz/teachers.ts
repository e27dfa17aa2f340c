import { parseTeacher } from '../../../protocols/artifacts/index.ts';
import { mutateText } from '../mutations.ts';
import { type FuzzTarget, must } from './target.ts';

const ROWS = [
  { id: 'a', continuation: [5, 6], positions: [{ position: 3, tokens: [7, 2], logProbs: [-0.5, -1.5] }] },
  { id: 'b', continuation: [], positions: [{ position: 0, tokens: [1], logProbs: [-1e-3] }] },
];
const TEXT = ROWS.map((row) => `${JSON.stringify(row)}\n`).join('');

export const TEACHER_TARGETS: Readonly<Record<string, FuzzTarget>> = {
  teachers: {
    drives: ['protocols/artifacts/teacher.ts#parseTeacher'],
    accepts: true,
    run: (random) => {
      const rows = parseTeacher(mutateText(TEXT, random));
      if (!rows.ok) return false;
      for (const { positions } of rows.value.values())
        for (const { tokens, logProbs } of positions) {
          must(tokens.length === logProbs.length, 'a token without its probability');
          must(logProbs.reduce((sum, each) => sum + Math.exp(each), 0) < 1.01, 'more than certain');
        }
      return true;
    },
  },
};
