/** 314048 -> `314,048` @param {number} integer */
export function grouped(integer) {
  return integer.toLocaleString('en');
}

/** Parts per million as a percentage without needless digits, never broken over two lines. @param {number} ppm */
export function percent(ppm) {
  return `${inHundredths(ppm)}\u00a0%`;
}

/** A difference of rates: 98 % to 95 % is 3 points. @param {number} ppm */
export function points(ppm) {
  return `${inHundredths(ppm)}\u00a0points`;
}

/** @param {number} ppm */
function inHundredths(ppm) {
  return Number((ppm / 10_000).toFixed(2));
}

/** @param {{ readonly k: number, readonly n: number }} count */
export function rate({ k, n }) {
  return n === 0 ? 'none' : percent((k / n) * 1_000_000);
}

/** Milliseconds since 1970 -> `2026-11-21 14:03 UTC`. @param {number} ms */
export function moment(ms) {
  return `${new Date(Math.min(ms, 8.64e15)).toISOString().slice(0, 16).replace('T', ' ')} UTC`;
}

/** To the second, for what is decided within a day. @param {number} ms */
export function momentToSecond(ms) {
  return `${new Date(ms).toISOString().slice(0, 19).replace('T', ' ')} UTC`;
}

/** What witnesses say of a message. @param {number | null} ms null: not enough of them have seen it */
export function knownBy(ms) {
  return ms === null ? 'not established' : moment(ms);
}

/** `trigger-rate` -> `trigger rate` @param {string} name */
export function words(name) {
  return name.replaceAll('-', ' ');
}
