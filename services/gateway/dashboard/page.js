/**
 * What every part of the page is given.
 * @typedef {object} Context
 * @property {import('./api.js').Overview} overview
 * @property {(key: string) => string} nameOf
 * @property {import('./api.js').Wording} wording
 * @property {import('./api.js').OversightWording} oversight
 * @property {import('./checker-client.js').Checker} checker
 * @property {import('./check-mark.js').Marks} marks
 * @property {(release: string) => string} copies
 * @property {() => void} refresh look again at what is shown
 * @property {string} rest what the address says after the part's name
 */

/**
 * One part of the page, shown by its name in the address.
 * @typedef {object} View
 * @property {(context: Context) => Promise<void>} refresh
 */

export {};
