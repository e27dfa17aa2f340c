import { z } from 'zod';
import type { ContentId } from '../base/ids.ts';
import { isContentCid, parseCid } from '../codec/cid.ts';

/** A file beside the manifest: one plain name, so no path can leave the directory. */
export const fileName = z
  .string()
  .max(128)
  .regex(/^[A-Za-z0-9][A-Za-z0-9._-]*$/)
  .refine((name) => !name.includes('..'));

/** Ids of prompt sets, measures, prompts: they become keys and table headings. */
export const plainId = z
  .string()
  .min(1)
  .max(64)
  .regex(/^[A-Za-z0-9][A-Za-z0-9._/-]*$/);

export const contentId = z.string().refine((text): text is ContentId => {
  const cid = parseCid(text);
  return cid !== null && isContentCid(cid);
}, 'not the CID of a file or directory');

export const sha256Hex = z.string().regex(/^[0-9a-f]{64}$/);
