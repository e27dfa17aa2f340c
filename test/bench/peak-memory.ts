import { readFileSync } from 'node:fs';

/**
 * Resident memory of this process at its highest, in MiB. On Linux by /proc: what `getrusage` tells begins with the memory of
 * the process that started this one.
 */
export function peakMemoryMB(): number {
  if (process.platform !== 'linux') return process.resourceUsage().maxRSS / 1_024;
  const [, kib] = /^VmHWM:\s+(\d+) kB$/m.exec(readFileSync('/proc/self/status', 'utf8')) ?? [];
  if (kib === undefined) throw new Error('no VmHWM in /proc/self/status');
  return Number(kib) / 1_024;
}
