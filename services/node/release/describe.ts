import { OversightError } from '../../../protocols/base/errors.ts';
import type { DescribedModel } from '../../../protocols/provenance/index.ts';
import { cardTexts, parseModelCard, spdxIdOf } from '../../../protocols/release/index.ts';
import { PROFILE, surveyDirectory } from '../../checkpoints/index.ts';
import { inspected } from './inspected.ts';
import { type Attended, readPart } from './prepare.ts';

/** What a directory does not say of itself. */
export type Naming = Pick<DescribedModel, 'name' | 'version' | 'supplier' | 'created'> & {
  /** SPDX identifier; null: as the card says. */
  readonly licence: string | null;
};

/**
 * What the exports of spec 17-releases §5 say of a directory: its bytes are read once.
 * @throws OversightError `checkpoint-invalid`, also where the card cannot be read or states no licence; `cancelled`
 */
export async function describeModel(
  directory: string,
  naming: Naming,
  options: Attended,
): Promise<DescribedModel> {
  const { modelType, architecture, parameters } = await inspected(directory, options);
  const card = parseModelCard((await readPart(directory, 'README.md')) ?? '');
  if (!card.ok) throw invalid(card.reason, card.detail);
  const { metadata } = card.value;
  const stated = naming.licence ?? [metadata.license ?? []].flat()[0] ?? '';
  const licence = spdxIdOf(stated);
  if (licence === null) throw invalid('licence-unknown', `“${stated}” is no identifier of the SPDX list`);
  const { cid, files } = await surveyDirectory(directory, options);
  return {
    ...naming,
    licence,
    cid,
    profile: PROFILE,
    files: files.map(({ path, sha256 }) => ({ path, sha256 })),
    modelType,
    architecture,
    parameters,
    task: metadata.pipeline_tag ?? null,
    ...cardTexts(card.value.sections),
  };
}

function invalid(reason: string, detail: string): OversightError {
  return new OversightError('checkpoint-invalid', detail, { details: { reason } });
}
