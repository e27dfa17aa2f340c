import { isPlainObject, type PlainObject } from '../../../protocols/base/plain.ts';
import { accept, type Result, refuse } from '../../../protocols/base/result.ts';
import { pinBody } from '../../../protocols/kinds/index.ts';
import type { CheckpointStore } from '../../checkpoints/index.ts';

/** Whether this node has what it is about to promise. Other kinds pass, and bodies that the author will refuse. spec 19-pins §1.2 */
export async function checkPromise(
  store: CheckpointStore,
  kind: string,
  body: PlainObject,
): Promise<Result<true, 'checkpoint-missing'>> {
  const promise = kind === 'pin/1' && isPlainObject(body) ? pinBody.safeParse(body) : null;
  if (!promise?.success || promise.data.until === null) return accept(true);
  const { cid } = promise.data.checkpoint;
  if (await store.has(cid)) return accept(true);
  return refuse('checkpoint-missing', `fetch ${cid} first: oversight pin add does both`);
}
