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

/** When enough witnesses had seen a message. @param {number | null} ms null: they have not */
export function seenBy(ms) {
  return ms === null ? 'not yet by enough of them' : moment(ms);
}

/** `1 analog`, `2 analogs` @param {number} count @param {string} one @param {string} many */
export function plural(count, one, many) {
  return count === 1 ? one : many;
}

/** Whole days, hours or minutes: the largest that is at least one. @param {number} ms 0 or more */
export function span(ms) {
  /** @type {readonly (readonly [string, number])[]} */
  const units = [
    ['day', 86_400_000],
    ['hour', 3_600_000],
    ['minute', 60_000],
  ];
  for (const [unit, length] of units) {
    const count = Math.floor(ms / length);
    if (count > 0) return `${grouped(count)} ${plural(count, unit, `${unit}s`)}`;
  }
  return 'less than a minute';
}

/** `trigger-rate` -> `trigger rate` @param {string} name */
export function words(name) {
  return name.replaceAll('-', ' ');
}
