import { OversightError } from '../../../protocols/base/errors.ts';
import { type CheckpointFacts, inspectCheckpoint } from '../../checkpoints/index.ts';
import type { Attended } from './prepare.ts';

/** What a checkpoint says, of whatever family. @throws OversightError `checkpoint-invalid` with the reason, `cancelled` */
export async function inspected(directory: string, { signal }: Attended): Promise<CheckpointFacts> {
  const facts = await inspectCheckpoint(directory, { signal, families: 'any' });
  if (facts.ok) return facts.value;
  const { reason, detail } = facts;
  throw new OversightError('checkpoint-invalid', detail, { details: { reason } });
}
