/** What a node tells its operator: one line an event, through one function, so that each is logged and counted alike. */
export type Reporter = (event: string, facts?: Readonly<Record<string, string | number>>) => void;

/** One JSON object a line on standard error, as journald and container logs take it. */
export const jsonLines: Reporter = (event, facts = {}) => {
  process.stderr.write(`${JSON.stringify({ time: new Date().toISOString(), event, ...facts })}\n`);
};
