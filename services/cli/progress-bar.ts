import type { CommandContext } from './cli.ts';

interface BytesProgress {
  readonly bytesDone: number;
  readonly bytesTotal: number;
}

const CELLS = 24;
/** A terminal is redrawn this often at most. */
const EVERY_MS = 100;

/** Shows how far a pass over bytes is: a bar on a terminal, elsewhere a line for each tenth. */
export function progressBar(
  what: string,
  { note }: Pick<CommandContext, 'note'>,
  stream: Pick<NodeJS.WriteStream, 'isTTY' | 'write'> = process.stderr,
): (progress: BytesProgress) => void {
  const begun = performance.now();
  let tenth = -1;
  let drawn = Number.NEGATIVE_INFINITY;
  return ({ bytesDone, bytesTotal }) => {
    const share = bytesTotal === 0 ? 1 : Math.min(bytesDone / bytesTotal, 1);
    const now = performance.now();
    const text = `${what} ${describe(bytesDone, bytesTotal, (now - begun) / 1_000)}`;
    if (stream.isTTY) {
      if (now - drawn < EVERY_MS && share < 1) return;
      drawn = now;
      const full = Math.round(share * CELLS);
      stream.write(`\r[${'#'.repeat(full)}${'.'.repeat(CELLS - full)}] ${text} ${share < 1 ? '' : '\n'}`);
    } else if (Math.floor(share * 10) > tenth) note(text);
    tenth = Math.floor(share * 10);
  };
}

function describe(bytesDone: number, bytesTotal: number, seconds: number): string {
  const share = bytesTotal === 0 ? 100 : Math.floor((bytesDone / bytesTotal) * 100);
  const rate = seconds > 0 ? bytesDone / seconds : 0;
  const left =
    rate > 0 && bytesDone < bytesTotal ? `, ${Math.ceil((bytesTotal - bytesDone) / rate)} s left` : '';
  return `${String(share).padStart(3)} % of ${inBytes(bytesTotal)}, ${inBytes(rate)}/s${left}`;
}

/** Decimal units, three digits. */
export function inBytes(bytes: number): string {
  const units = ['B', 'kB', 'MB', 'GB', 'TB'];
  let value = bytes;
  let unit = 0;
  for (; value >= 999.5 && unit < units.length - 1; unit++) value /= 1_000;
  return `${Number(value.toPrecision(3))} ${units[unit]}`;
}
