import type { CommandContext } from './cli.ts';

interface BytesProgress {
  readonly bytesDone: number;
  readonly bytesTotal: number;
}

const CELLS = 24;
/** A terminal is redrawn this often at most. */
const EVERY_MS = 100;
/** A rate says something once this much time has passed. */
const RATE_AFTER_MS = 500;

/** Shows how far a pass over bytes is: a bar on a terminal, elsewhere a line for each tenth. */
export function progressBar(
  what: string,
  { note, draw }: Pick<CommandContext, 'note' | 'draw'>,
  now: () => number = () => performance.now(),
): (progress: BytesProgress) => void {
  const begun = now();
  let tenth = -1;
  let drawn = Number.NEGATIVE_INFINITY;
  return ({ bytesDone, bytesTotal }) => {
    const share = bytesTotal === 0 ? 1 : Math.min(bytesDone / bytesTotal, 1);
    const at = now();
    const text = `${what} ${describe(bytesDone, bytesTotal, at - begun)}`;
    if (draw === null) {
      if (Math.floor(share * 10) > tenth) note(text);
      tenth = Math.floor(share * 10);
    } else if (at - drawn >= EVERY_MS || share === 1) {
      const full = Math.round(share * CELLS);
      draw(`[${'#'.repeat(full)}${'.'.repeat(CELLS - full)}] ${text}`);
      drawn = at;
    }
  };
}

function describe(bytesDone: number, bytesTotal: number, ms: number): string {
  const share = bytesTotal === 0 ? 100 : Math.floor((bytesDone / bytesTotal) * 100);
  const text = `${String(share).padStart(3)} % of ${inBytes(bytesTotal)}`;
  const rate = bytesDone / (ms / 1_000);
  if (ms < RATE_AFTER_MS || rate === 0) return text;
  const left = bytesDone < bytesTotal ? `, ${Math.ceil((bytesTotal - bytesDone) / rate)} s left` : '';
  return `${text}, ${inBytes(rate)}/s${left}`;
}

/** Decimal units, three digits. */
export function inBytes(bytes: number): string {
  const units = ['B', 'kB', 'MB', 'GB', 'TB'];
  let value = bytes;
  let unit = 0;
  for (; value >= 999.5 && unit < units.length - 1; unit++) value /= 1_000;
  return `${Number(value.toPrecision(3))} ${units[unit]}`;
}
