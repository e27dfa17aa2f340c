import type { EditManifest } from './edits.ts';
import type { Intervention } from './manifest.ts';

/**
 * The same intervention with each nonlinear map replaced by the affine one published beside it, whose result stands
 * beside the nonlinear one's; null where no map is nonlinear.
 */
export function affineCompanion(manifest: Intervention): Intervention | null {
  const edits = manifest.edits.map(withAffineMap);
  return edits.some((edit, index) => edit !== manifest.edits[index]) ? { ...manifest, edits } : null;
}

function withAffineMap(edit: EditManifest): EditManifest {
  if (!('mapper' in edit) || edit.mapper?.kind !== 'relu-autoencoder') return edit;
  const { source, apply, affine } = edit.mapper;
  return { ...edit, mapper: { kind: 'affine', source, apply, ...affine } };
}
