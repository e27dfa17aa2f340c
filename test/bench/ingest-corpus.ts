import type { MessageId } from '../../protocols/base/ids.ts';
import type { Charter } from '../../protocols/charter/index.ts';
import { Author } from '../support/federation.ts';
import { findingBody, RERUNS, rerunOf, verdictBody } from '../support/samples.ts';

/** Messages in each author's turn: a verdict, a finding, and a kind that this version does not know. */
export const AUTHORS = ['verifier-north', 'example-academy', 'example-regulator', 'verifier-south'] as const;

/** Signed messages of about 1 KB as a federation sends them, in an order that keeps every feed's order. */
export function makeCorpus(charter: Charter, size: number): Uint8Array[] {
  const authors = AUTHORS.map((name) => new Author(name, charter.id));
  const [north, academy, regulator, south] = authors as [Author, Author, Author, Author];
  const wires: Uint8Array[] = [];
  let finding: MessageId = academy.branch('finding/1', findingOf(0)).id;
  for (let i = 0; wires.length < size; i++) {
    const message = academy.say('finding/1', findingOf(i));
    finding = message.id;
    wires.push(message.wire);
    wires.push((i % 2 === 0 ? north : south).say('verdict/1', verdictOf(finding)).wire);
    wires.push(regulator.say('inspection-note/1', noteOf(i)).wire);
  }
  return wires.slice(0, size);
}

function findingOf(i: number) {
  return findingBody(`Back-door direction ${i} found on the analog, transferred to the frontier model`);
}

/** One control, so that a verdict is of the size of the others. */
function verdictOf(finding: MessageId) {
  const rerun = rerunOf({ ...RERUNS.faithful, controls: [RERUNS.faithful.controls[0]] });
  return verdictBody(finding, 'confirmed', rerun, ['5e'.repeat(32)]);
}

function noteOf(i: number) {
  const paragraphs = ['scope', 'method', 'observed', 'asked', 'answered', 'next'].map((heading) => ({
    heading,
    text: `Visit ${i}: ${heading} as agreed with the laboratory and written down on the day, without comment.`,
  }));
  return { visit: i, on: '2026-09-14', public: true, paragraphs };
}
