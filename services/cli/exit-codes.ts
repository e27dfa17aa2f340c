/** What the command's exit status tells a script. README.md lists them. */
export const EXIT = {
  done: 0,
  failed: 1,
  /** The command line itself is wrong. */
  usage: 2,
  refuted: 3,
  inconclusive: 4,
} as const;
