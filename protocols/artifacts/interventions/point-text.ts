import { z } from 'zod';
import { type PointName, parsePoint } from '../points.ts';

/** A point of the model, in the closed grammar of points. */
export const pointText = z
  .string()
  .refine((text): text is PointName => parsePoint(text) !== null, 'not a point of a model');
