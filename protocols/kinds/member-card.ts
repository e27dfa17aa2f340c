import { z } from 'zod';
import { text } from './common.ts';

/** `member-card/1`: where the author can be reached. The latest card of a member counts. */
export const memberCardBody = z.looseObject({
  displayName: text(200),
  endpoints: z.looseObject({
    libp2p: z.array(z.string().max(512)).max(16),
    gateway: z.string().max(512).nullable(),
  }),
});
export type MemberCardBody = z.infer<typeof memberCardBody>;
