import { cpus } from 'node:os';

export function describeDevice() {
  const cores = cpus();
  return {
    cpu: cores[0]?.model ?? 'unknown',
    cores: cores.length,
    node: process.versions.node,
    platform: `${process.platform}-${process.arch}`,
    date: new Date().toISOString().slice(0, 10),
  };
}

/** Four significant digits: the rest is noise. */
export function round(value: number): number {
  return Number(value.toPrecision(4));
}
