/**
 * @typedef {import('../../../protocols/record/index.ts').FederationRecord} FederationRecord
 * @typedef {import('../../../protocols/record/index.ts').Copies & { readonly release: string, readonly name: string, readonly version: string }} ReleaseCopies
 * @typedef {import('../../../protocols/oversight/index.ts').ModelReport} ModelReport
 * @typedef {import('../ports.ts').NodeStatus} NodeStatus
 * @typedef {import('../routes/overview.ts').Model} Model
 * @typedef {import('../routes/overview.ts').Overview} Overview
 * @typedef {import('../routes/overview.ts').FederationView} FederationView
 * @typedef {FederationRecord['findings'][number]} Finding
 * @typedef {Readonly<Record<'reasons' | 'bearings' | 'standings' | 'outcomes' | 'discounts', Readonly<Record<string, string>>>>} Wording
 * @typedef {{ readonly clauses: Readonly<Record<string, string>>, readonly due: Readonly<Record<string, string>> }} OversightWording
 * @typedef {{ readonly feed: string, readonly name: string | null, readonly size: number, readonly signed: number | null, readonly prefix: string }} Feed
 * @typedef {{ readonly at: number, readonly what: string, readonly id: string, readonly doneBy: string | null, readonly frontier: string, readonly model: string, readonly lab: string }} Due
 */

/** @template T @param {string} path @returns {Promise<T>} */
export async function get(path) {
  const response = await fetch(path, { headers: { accept: 'application/json' } });
  if (!response.ok) throw new Error(`the node answered ${response.status} for ${path}`);
  return response.json();
}

/** What one page of a list holds at most. */
const PAGE_LIMIT = 100;
const DATED_PAGE_LIMIT = 1_000;

/**
 * The first so many of a list that comes in pages.
 * @template T @param {string} name of the list, and of its route @param {number} count
 * @returns {Promise<{ readonly items: readonly T[], readonly hasMore: boolean }>}
 */
export async function getFirst(name, count) {
  /** @type {T[]} */
  const items = [];
  /** @type {string | null} */
  let next = '';
  while (next !== null && items.length < count) {
    const after = next === '' ? '' : `&after=${encodeURIComponent(next)}`;
    /** @type {{ readonly next: string | null } & Readonly<Record<string, readonly T[]>>} */
    const page = await get(`${name}?limit=${Math.min(PAGE_LIMIT, count - items.length)}${after}`);
    items.push(...(page[name] ?? []));
    next = page.next;
  }
  return { items, hasMore: next !== null };
}

/**
 * All of a list that comes in pages and is of one moment.
 * @template T @param {string} path @param {string} name of the list in the answer
 * @returns {Promise<{ readonly at: number, readonly items: readonly T[] }>}
 */
export async function getAllAt(path, name) {
  /** @typedef {{ readonly at: number, readonly next: string | null } & Readonly<Record<string, readonly T[]>>} Page */
  /** @type {Page} */
  let page = await get(`${path}?limit=${DATED_PAGE_LIMIT}`);
  const { at } = page;
  const items = [...(page[name] ?? [])];
  while (page.next !== null) {
    page = await get(`${path}?limit=${DATED_PAGE_LIMIT}&at=${at}&after=${encodeURIComponent(page.next)}`);
    items.push(...(page[name] ?? []));
  }
  return { at, items };
}

/**
 * Has the node sign and publish a message, as its owner.
 * @param {string} kind @param {object} body @param {string} token
 * @returns {Promise<string>} the message's id
 */
export async function publish(kind, body, token) {
  const response = await fetch('messages', {
    method: 'POST',
    headers: { 'content-type': 'application/json', authorization: `Bearer ${token}` },
    body: JSON.stringify({ kind, body }),
  });
  const answer = await response.json();
  if (!response.ok) throw new Error(answer.detail ?? `the node answered ${response.status}`);
  return answer.id;
}
