import { z } from 'zod';
import { notFound } from './problems.ts';

const PAGE_LIMIT = 1_000;
const PAGE = 100;

const limit = z.coerce.number().int().min(1).max(PAGE_LIMIT);
const AFTER = { description: 'Begin after this one: `next` of the page before.' };

/** Query of a list that comes in pages. @param cursor what names one of its items */
export function inPages<C extends z.ZodType<string>>(cursor: C) {
  return { limit: limit.default(PAGE), after: cursor.optional().meta(AFTER) };
}

/** Query of a list that is read whole where no limit is given. */
export function wholeOrInPages<C extends z.ZodType<string>>(cursor: C) {
  const description = 'At most so many, and `next` for what follows; left out: all.';
  return { limit: limit.optional().meta({ description }), after: cursor.optional().meta(AFTER) };
}

export interface PageAsked {
  readonly limit?: number | undefined;
  readonly after?: string | undefined;
}

export interface Page<T> {
  readonly items: readonly T[];
  /** What `after` takes for the next page; null at the end. */
  readonly next: string | null;
}

/** @throws OversightError `not-found` where the list has nothing of the name that it is to go on after */
export function pageOf<T>(
  items: readonly T[],
  nameOf: (item: T) => string,
  { limit, after }: PageAsked,
): Page<T> {
  const from = after === undefined ? 0 : items.findIndex((item) => nameOf(item) === after) + 1;
  if (after !== undefined && from === 0) throw notFound('page: what it goes on after is not in the list');
  const end = limit === undefined ? items.length : from + limit;
  const taken = items.slice(from, end);
  const last = taken.at(-1);
  return { items: taken, next: end < items.length && last !== undefined ? nameOf(last) : null };
}

/** `next` for who asked for pages: a list that was asked for whole has none. */
export function nextOf({ limit }: PageAsked, { next }: Page<unknown>): { readonly next?: string | null } {
  return limit === undefined ? {} : { next };
}
