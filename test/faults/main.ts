import { parseArgs } from 'node:util';
import { megabytes } from './invariants.ts';
import { FAULTS, planRounds } from './plan.ts';
import { type RoundReport, RunFailure, type RunReport, runFaults } from './run.ts';

const COLUMNS = 120;
/** A round that needs longer to agree says what was missing. */
const SLOW_MS = 5_000;

/** `npm run test:faults -- [--seed n] [--rounds n] [--faults a,b]` */
const { values } = parseArgs({
  options: { seed: { type: 'string' }, rounds: { type: 'string' }, faults: { type: 'string' } },
});
const seed = wholeNumber('seed', values.seed ?? String(Math.floor(Math.random() * 2 ** 31)));
const rounds = wholeNumber('rounds', values.rounds ?? '200');
const faults = values.faults === undefined ? FAULTS : values.faults.split(',').map(faultNamed);

const stop = new AbortController();
for (const name of ['SIGINT', 'SIGTERM'] as const) process.once(name, () => stop.abort());

console.log(`seed ${seed}, ${rounds} rounds`);
const begin = performance.now();
try {
  const report = await runFaults({
    seed,
    plan: planRounds(seed, rounds, faults),
    signal: stop.signal,
    onRound: (round) => console.log(lineOf(round)),
  });
  console.log(`\n${summaryOf(report)}`);
} catch (error) {
  if (!(error instanceof RunFailure)) throw error;
  console.error(`\nfailed  ${error.message}`);
  const only = values.faults === undefined ? '' : ` --faults ${values.faults}`;
  console.error(`replay  npm run test:faults -- --seed ${seed} --rounds ${error.round}${only}`);
  console.error(`homes   ${error.folder} (a node.log in each)`);
  console.error(error.cause);
  process.exitCode = 1;
}

function lineOf({ round, fault, what, acknowledged, agreed, memoryBytes, tookMs }: RoundReport): string {
  const figures = [
    `${acknowledged}`.padStart(3),
    `agreed ${seconds(agreed.tookMs)}`.padStart(13),
    `${megabytes(memoryBytes)} MB`,
    seconds(tookMs).padStart(6),
  ];
  const line = `${String(round).padStart(4)}  ${fault.padEnd(13)} ${figures.join('  ')}  ${what}`;
  const slow =
    agreed.tookMs > SLOW_MS && agreed.lacking !== '' ? `\n${' '.repeat(6)}until then ${agreed.lacking}` : '';
  return `${line.length > COLUMNS ? `${line.slice(0, COLUMNS - 1)}…` : line}${slow}`;
}

function summaryOf({ rounds: all, acknowledged, forks, messages, digest }: RunReport): string {
  const waits = all.map(({ agreed: { tookMs } }) => tookMs).sort((a, b) => a - b);
  const at = (share: number) =>
    seconds(waits[Math.min(waits.length - 1, Math.floor(share * waits.length))] ?? 0);
  const memory = Math.max(...all.map(({ memoryBytes }) => memoryBytes));
  return [
    `held    ${all.length} rounds in ${seconds(performance.now() - begin)}`,
    `        ${acknowledged} messages acknowledged, none lost; ${messages} on every node`,
    `        ${forks} equivocators, each named by a proof on every node`,
    `        agreement after the faults: median ${at(0.5)}, 95 % ${at(0.95)}, longest ${at(1)}`,
    `        most memory of a node: ${megabytes(memory)} MB`,
    `record  ${digest}`,
  ].join('\n');
}

function seconds(ms: number): string {
  return `${(ms / 1_000).toFixed(1)} s`;
}

function wholeNumber(name: string, text: string): number {
  const value = Number(text);
  if (!Number.isSafeInteger(value) || value < 0) throw new TypeError(`--${name} is a whole number`);
  return value;
}

function faultNamed(name: string) {
  const fault = FAULTS.find((each) => each.name === name);
  if (fault === undefined)
    throw new TypeError(`no fault ${name}; there are ${FAULTS.map((each) => each.name).join(', ')}`);
  return fault;
}
