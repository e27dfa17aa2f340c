import { z } from 'zod';
import type { PlainObject } from '../../../../protocols/base/plain.ts';
import { determinationBody } from '../../../../protocols/kinds/determination.ts';
import { checkBody } from '../../../../protocols/kinds/index.ts';
import { noticeOfNonComplianceBody } from '../../../../protocols/kinds/notice-of-non-compliance.ts';

/** What a regulator can say in the page. */
const ACTS = {
  'determination/1': determinationBody,
  'notice-of-non-compliance/1': noticeOfNonComplianceBody,
} as const;
export type Act = keyof typeof ACTS;

/** The fields of a kind as JSON Schema: what the page makes its form of. */
export function formOf(kind: Act): unknown {
  // ids are texts with a check of their own, which no schema says
  return z.toJSONSchema(ACTS[kind], { io: 'input', unrepresentable: 'any' });
}

/** What the node would refuse about a body, before it is asked; null: nothing. */
export function faultOf(kind: Act, body: PlainObject): string | null {
  return checkBody(kind, body);
}
