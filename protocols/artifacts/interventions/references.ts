import type { ContentId } from '../../base/ids.ts';
import type { Intervention } from './manifest.ts';
import { type TensorRef, tensorRef } from './tensor-ref.ts';

/** Every tensor the manifest names, for the reader that loads them. */
export function tensorRefs(manifest: Intervention): readonly TensorRef[] {
  const found: TensorRef[] = [];
  const visit = (value: unknown): void => {
    if (typeof value !== 'object' || value === null) return;
    const ref = tensorRef.safeParse(value);
    if (ref.success) found.push(ref.data);
    else for (const inner of Object.values(value)) visit(inner);
  };
  visit([manifest.edits, manifest.reads]);
  return found;
}

/** Checkpoints beside the base that have to be at hand for a re-run. */
export function sourceCheckpoints(manifest: Intervention): readonly ContentId[] {
  const ids = new Set(sharedTokenSources(manifest));
  // A nonlinear map is never believed without its fit, which only the source shows.
  for (const edit of manifest.edits)
    if ('mapper' in edit && edit.mapper?.kind === 'relu-autoencoder') ids.add(edit.mapper.source);
  for (const edit of manifest.edits)
    if (edit.kind === 'add' && edit.vector.kind === 'contrast' && edit.vector.model !== 'base')
      ids.add(edit.vector.model);
  return [...ids];
}

/** Those of them that read the target's own tokens, or whose unembedding is compared with the target's row by row. */
export function sharedTokenSources({ edits, reads }: Intervention): readonly ContentId[] {
  const ids = new Set<ContentId>();
  const need = (id: ContentId | 'base'): void => {
    if (id !== 'base') ids.add(id);
  };
  for (const edit of edits) {
    if (edit.kind === 'replace' && edit.value.kind === 'model') need(edit.value.source);
    if ('mapper' in edit && edit.mapper?.kind === 'unembedding-least-squares') need(edit.mapper.source);
  }
  for (const read of reads)
    if (read.kind === 'crosscoder-feature') for (const { model } of read.models) need(model);
  return [...ids];
}

/** Sources of the maps of activations. Where one is at hand, the map's fit can be measured. */
export function mapSources({ edits }: Intervention): readonly ContentId[] {
  const sources = edits.flatMap((edit) =>
    'mapper' in edit && edit.mapper !== undefined && edit.mapper.kind !== 'unembedding-least-squares'
      ? [edit.mapper.source]
      : [],
  );
  return [...new Set(sources)];
}
