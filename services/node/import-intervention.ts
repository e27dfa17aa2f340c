import type { Intervention } from '../../protocols/artifacts/index.ts';
import { surveyDirectory } from '../checkpoints/index.ts';
import { type ImportSource, importIntervention } from '../verifier/index.ts';

export type { ImportSource };

/** What an importer is not told by its source. */
export interface ImportQuestion {
  /** The model's directory; it is read once, to name it. */
  readonly model: string;
  readonly dataset: string | null;
  readonly signal: AbortSignal;
  readonly onProgress: (progress: { readonly bytesDone: number; readonly bytesTotal: number }) => void;
}

/**
 * Makes an intervention for a model of this machine of what another tool saved.
 * @throws OversightError `intervention-invalid`, `checkpoint-invalid`, `not-found`, `argument-invalid`
 */
export async function importForModel(
  source: ImportSource,
  out: string,
  { model, dataset, signal, onProgress }: ImportQuestion,
): Promise<Intervention> {
  const { cid } = await surveyDirectory(model, { signal, onProgress });
  return importIntervention(source, { model, base: cid, dataset }, out, { signal });
}
