import { z } from 'zod';
import { fileName } from '../names.ts';

/** A tensor of a safetensors file beside the manifest. */
export const tensorRef = z.strictObject({ file: fileName, tensor: z.string().min(1).max(256) });
export type TensorRef = z.infer<typeof tensorRef>;
