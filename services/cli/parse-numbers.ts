import { InvalidArgumentError } from 'commander';

/** A parser of whole numbers in a range, for options. */
export function wholeNumber(least: number, most: number): (text: string) => number {
  return (text) => {
    const value = /^\d{1,15}$/.test(text) ? Number(text) : Number.NaN;
    if (value >= least && value <= most) return value;
    throw new InvalidArgumentError(`Give a whole number from ${least} to ${most}.`);
  };
}

export const parsePort = wholeNumber(0, 65_535);
