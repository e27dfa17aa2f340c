/**
 * @typedef {import('../../../protocols/record/index.ts').FederationRecord} FederationRecord
 * @typedef {import('../ports.ts').NodeStatus} NodeStatus
 * @typedef {Readonly<Record<'reasons' | 'bearings' | 'standings' | 'outcomes' | 'discounts', Readonly<Record<string, string>>>>} Wording
 */

/** @returns {Promise<{ record: FederationRecord, digest: string }>} */
export async function fetchRecord() {
  const response = await get('record');
  return { record: await response.json(), digest: (response.headers.get('etag') ?? '').replaceAll('"', '') };
}

/** @returns {Promise<NodeStatus>} */
export async function fetchStatus() {
  return (await get('status')).json();
}

/** @returns {Promise<Wording>} */
export async function fetchWording() {
  return (await get('wording')).json();
}

/**
 * @typedef {import('../../../protocols/record/index.ts').Copies & { readonly release: string }} ReleaseCopies
 * @returns {Promise<{ readonly releases: readonly ReleaseCopies[] }>} who keeps each released checkpoint, now
 */
export async function fetchCopies() {
  return (await get('copies')).json();
}

/** @param {string} path */
async function get(path) {
  const response = await fetch(path, { headers: { accept: 'application/json' } });
  if (!response.ok) throw new Error(`the node answered ${response.status} for ${path}`);
  return response;
}
