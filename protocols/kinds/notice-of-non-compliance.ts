import { z } from 'zod';
import { clauseId, ground } from './clauses.ts';
import { calendarDate, messageId } from './common.ts';

/** `notice-of-non-compliance/1`: published against a lab whose model breaks clauses. */
export const noticeOfNonComplianceBody = z.looseObject({
  frontier: messageId,
  clauses: z.array(clauseId).min(1).max(64),
  /** Last day for a cure; null: at once. */
  cureBy: calendarDate.nullable(),
  ...ground,
});
export type NoticeOfNonComplianceBody = z.infer<typeof noticeOfNonComplianceBody>;
