import { z } from 'zod';
import { accept, type Result, refuse } from '../../base/result.ts';
import { contentId } from '../names.ts';
import { type EditManifest, editSchema } from './edits.ts';
import { pointText } from './point-text.ts';
import { readSchema } from './reads.ts';
import { fromVersion1, interventionSchema1 } from './version-1.ts';

export const INTERVENTION_FILE = 'intervention.json';

/** A control vector for every block, twice over. */
const EDITS_LIMIT = 2048;
const READS_LIMIT = 64;

const words = z.string().min(1).max(2000);
export const derivationSchema = z.strictObject({
  method: words,
  source: contentId,
  /** Where the source was read; absent where no activation was. */
  point: pointText.optional(),
  dataset: words,
  selection: words,
});

export const interventionSchema = z
  .strictObject({
    format: z.literal('intervention/2'),
    base: contentId,
    /** Applied in this order where several stand at one point. */
    edits: z.array(editSchema).max(EDITS_LIMIT),
    reads: z.array(readSchema).max(READS_LIMIT),
    derivation: derivationSchema,
  })
  .refine(({ edits, reads }) => edits.length + reads.length > 0, 'neither edits nor reads')
  .refine(({ edits }) => edits.every(contrastFits), 'a contrast and its positions do not fit')
  .refine(({ edits }) => edits.every(mapperFits), 'a map that does not fit what it maps')
  .refine(
    ({ reads }) => reads.every(({ positions }) => positions.kind !== 'contrast'),
    'a read has no contrast',
  )
  .refine(({ reads }) => new Set(reads.map(({ id }) => id)).size === reads.length, 'a read id occurs twice');
export type Intervention = z.infer<typeof interventionSchema>;

/** Reads either version; what it returns is always the newer one. spec 10-artifacts §6. */
export function parseIntervention(json: unknown): Result<Intervention, 'manifest-invalid'> {
  const older = interventionSchema1.safeParse(json);
  if (older.success) return accept(fromVersion1(older.data));
  const parsed = interventionSchema.safeParse(json);
  if (parsed.success) return accept(parsed.data);
  const said = saysVersion1(json) ? older.error : parsed.error;
  return refuse('manifest-invalid', z.prettifyError(said));
}

function saysVersion1(json: unknown): boolean {
  return typeof json === 'object' && json !== null && 'format' in json && json.format === 'intervention/1';
}

/** Contrast vectors go to the tokens they swap, and nothing else does. */
function contrastFits(edit: EditManifest): boolean {
  const derived = edit.kind === 'add' && edit.vector.kind === 'contrast';
  const swapped = 'positions' in edit && edit.positions.kind === 'contrast';
  return derived === swapped;
}

function mapperFits(edit: EditManifest): boolean {
  if (!('mapper' in edit) || edit.mapper === undefined) return true;
  const { mapper } = edit;
  if (mapper.kind === 'unembedding-least-squares') {
    // It maps directions: a mean or an activation has no image under it.
    if (edit.kind === 'clamp' || edit.kind === 'replace') return false;
    if (mapper.tokens !== 'all' && mapper.tokens.from >= mapper.tokens.to) return false;
    return edit.vector.kind !== 'contrast';
  }
  if (edit.kind === 'replace') return edit.value.kind === 'stored' || edit.value.source === mapper.source;
  if (edit.vector.kind === 'contrast' && edit.vector.model !== mapper.source) return false;
  return mapper.apply !== 'map-then-difference' || edit.vector.kind !== 'stored';
}
