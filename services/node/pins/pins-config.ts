import { z } from 'zod';

/** `pins` in `config.json`: what this node does about promises to keep checkpoints. */
export const pinsConfig = z.strictObject({
  /** Checks of other members' promises, in the mean; 0: none. */
  checksPerDay: z.number().min(0).max(86_400).default(4),
  /** Leaves of at most 1 MiB asked for in one check. */
  leavesPerCheck: z.int().min(1).max(4_096).default(30),
  /** What is promised without being asked: nothing, or the analogs that members of other organisations release. */
  keep: z.enum(['nothing', 'analogs']).default('nothing'),
  /** How long such a promise runs; it is renewed when a quarter of it is left. */
  keepDays: z.int().min(1).max(3_650).default(365),
});
