import { isPlainObject, type PlainObject } from '../../protocols/base/plain.ts';
import { accept, type Result, refuse } from '../../protocols/base/result.ts';
import { analogReleaseBody, frontierReleaseBody } from '../../protocols/kinds/index.ts';
import { type CheckpointStore, type InspectRefusal, inspectCheckpoint } from '../checkpoints/index.ts';

export type ReleaseRefusal =
  | InspectRefusal
  | 'checkpoint-missing'
  | 'parameters-differ'
  | 'model-type-differs';

const SCHEMAS = { 'frontier-release/1': frontierReleaseBody, 'analog-release/1': analogReleaseBody } as const;

/**
 * Whether the files bear out what the body of a release says of them. Other kinds pass, and so do bodies that the
 * author will refuse. A model that the engine cannot run may be released: nobody will re-run findings on it.
 */
export async function checkRelease(
  store: CheckpointStore,
  kind: string,
  body: PlainObject,
  options: { readonly signal: AbortSignal },
): Promise<Result<true, ReleaseRefusal>> {
  const schema = Object.hasOwn(SCHEMAS, kind) ? SCHEMAS[kind as keyof typeof SCHEMAS] : null;
  const parsed = schema !== null && isPlainObject(body) ? schema.safeParse(body) : null;
  if (!parsed?.success || parsed.data.checkpoint === null) return accept(true);
  const { checkpoint, model } = parsed.data;
  if (!(await store.has(checkpoint.cid))) {
    return refuse('checkpoint-missing', `add the directory of ${checkpoint.cid} to this node first`);
  }
  const directory = await store.directory(checkpoint.cid);
  const inspected = await inspectCheckpoint(directory, { ...options, families: 'any' });
  if (!inspected.ok) return inspected;
  const { parameters, modelType } = inspected.value;
  if (typeof model.parameters === 'number' && model.parameters !== parameters) {
    return refuse('parameters-differ', `the body says ${model.parameters}, the files hold ${parameters}`);
  }
  if (model.modelType !== modelType) {
    return refuse('model-type-differs', `the body says ${model.modelType}, config.json says ${modelType}`);
  }
  return accept(true);
}
