import type { z } from 'zod';
import type { $ZodChecks, $ZodTypes } from 'zod/v4/core';

/** True: the schema accepts the value. False: ask the schema. */
export type Certain = (value: unknown) => boolean;

/**
 * A schema as plain comparisons. The schema library builds a copy of each body it accepts, which costs six times as
 * much as the comparisons and then the garbage collector (measured on findings and verdicts); the schema stays the
 * judge of everything that is not plainly right, and of every part that this file does not know.
 */
export function certain(schema: z.core.$ZodType): Certain {
  const { _zod: known } = schema as $ZodTypes;
  const { def } = known;
  const checks = (def.checks ?? []).map((check) => certainCheck(check as $ZodChecks));
  if (checks.includes(null)) return asked(schema);
  const type = certainType(schema as $ZodTypes);
  return type === null ? asked(schema) : all([type, ...(checks as Certain[])]);
}

/** The schema's own answer, for what is too rare to be worth a case here. */
function asked(schema: z.core.$ZodType): Certain {
  return (value) => (schema as z.ZodType).safeParse(value).success;
}

function all(parts: readonly Certain[]): Certain {
  const [only, second] = parts;
  if (only !== undefined && second === undefined) return only;
  return (value) => {
    for (const part of parts) if (!part(value)) return false;
    return true;
  };
}

/** The type without its checks; null where this file does not know it. */
function certainType(schema: $ZodTypes): Certain | null {
  const { def } = schema._zod;
  switch (def.type) {
    case 'string':
      return 'format' in def ? null : (value) => typeof value === 'string';
    case 'number':
      return 'format' in def && def.format === 'safeint' ? Number.isSafeInteger : null;
    case 'boolean':
      return (value) => typeof value === 'boolean';
    case 'literal':
      return (value) => (def.values as unknown[]).includes(value);
    case 'enum': {
      const values = new Set<unknown>(Object.values(def.entries));
      return (value) => values.has(value);
    }
    case 'nullable': {
      const inner = certain(def.innerType);
      return (value) => value === null || inner(value);
    }
    case 'optional': {
      const inner = certain(def.innerType);
      return (value) => value === undefined || inner(value);
    }
    case 'array': {
      const element = certain(def.element);
      return (value) => Array.isArray(value) && value.every(element);
    }
    case 'object':
      return certainObject(def);
    case 'custom':
      return truthOf(def.fn);
    default:
      return null;
  }
}

/** A refinement: a function whose answer counts as true or false. An absent field is not plainly right. */
function truthOf(fn: unknown): Certain | null {
  if (typeof fn !== 'function') return null;
  return (value) => value !== undefined && fn(value) === true;
}

/** A loose object: its fields, whatever else it holds. */
function certainObject(def: z.core.$ZodObjectDef): Certain | null {
  if (def.catchall?._zod.def.type !== 'unknown') return null;
  const fields = Object.entries(def.shape).map(([name, schema]) => ({ name, certain: certain(schema) }));
  return (value) => {
    if (typeof value !== 'object' || value === null || Array.isArray(value)) return false;
    for (const { name, certain } of fields)
      if (!certain((value as Record<string, unknown>)[name])) return false;
    return true;
  };
}

/** Null where this file does not know the check. */
function certainCheck(check: $ZodChecks): Certain | null {
  const { def } = check._zod;
  if ('fn' in def) return truthOf(def.fn); // a refinement; a superRefine has none
  switch (def.check) {
    case 'max_length':
      // text is measured in code points, of which there are never more than units
      return (value) => (value as string | unknown[]).length <= def.maximum;
    case 'min_length': {
      const units = def.minimum > 1 ? 2 * def.minimum : def.minimum;
      return (value) => (value as string | unknown[]).length >= (Array.isArray(value) ? def.minimum : units);
    }
    case 'greater_than':
      return (value) => (value as number) > Number(def.value) || (def.inclusive && value === def.value);
    case 'less_than':
      return (value) => (value as number) < Number(def.value) || (def.inclusive && value === def.value);
    case 'string_format': {
      const { pattern } = def;
      if (def.format !== 'regex' || pattern === undefined || pattern.global || pattern.sticky) return null;
      return (value) => pattern.test(value as string);
    }
    default:
      return null;
  }
}
