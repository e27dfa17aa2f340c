import { writeFileSync } from 'node:fs';
import { renderVectors, VECTORS } from './index.ts';

/** `node test/support/vectors/write.ts`: writes protocols/vectors anew. The difference belongs in the same commit as its cause. */
for (const [file, build] of Object.entries(VECTORS)) {
  writeFileSync(new URL(`../../../protocols/vectors/${file}`, import.meta.url), renderVectors(build));
}
