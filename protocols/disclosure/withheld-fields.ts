import { compareText } from '../base/bytes.ts';
import { isWithheld, type Withheld } from '../kinds/index.ts';
import { fieldPathOf } from './field-path.ts';

export interface WithheldField {
  /** JSON Pointer into the body. */
  readonly field: string;
  readonly withheld: Withheld['withheld'];
}

/** Every field of a body that shows as withheld, however deep, in order of the path. spec 20-disclosure §1.1 */
export function withheldFields(body: unknown): WithheldField[] {
  return found(body, []).sort((a, b) => compareText(a.field, b.field));
}

function found(value: unknown, keys: readonly (string | number)[]): WithheldField[] {
  if (typeof value !== 'object' || value === null) return [];
  if (Object.hasOwn(value, 'withheld') && isWithheld(value))
    return [{ field: fieldPathOf(keys), withheld: value.withheld }];
  return Object.entries(value).flatMap(([key, inner]) => found(inner, [...keys, key]));
}
