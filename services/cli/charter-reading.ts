import { OversightError } from '../../protocols/base/errors.ts';
import { type Charter, readCharter, readProposal } from '../../protocols/charter/index.ts';
import { charterProposalBody } from '../../protocols/kinds/index.ts';
import { charterAnswer, messageAnswer, type RecordAnswer, recordAnswer } from './answers.ts';
import type { NodeClient } from './node-client.ts';

/** The version in force as a node has it, checked anew. */
export async function readInForce(client: NodeClient): Promise<Charter> {
  return checked(await client.get('/charter', charterAnswer));
}

export function checked(document: unknown): Charter {
  const charter = readCharter(document);
  if (!charter.ok) throw new OversightError('charter-invalid', charter.detail);
  return charter.value;
}

export interface OpenProposal {
  readonly id: string;
  readonly current: Charter;
  /** What would be in force, derived here from the proposal's changes. */
  readonly next: Charter;
  readonly reason: string;
  readonly record: RecordAnswer;
}

/** @param given the id of a proposal, or an end that only one open proposal has; empty where there is one alone */
export async function readOpenProposal(client: NodeClient, given: string): Promise<OpenProposal> {
  const record = await client.get('/record', recordAnswer);
  const found = record.proposals.filter(({ id }) => id.endsWith(given.replace(/^…/, '')));
  const [one] = found;
  if (one === undefined) throw new OversightError('not-found', `no open proposal ends in “${given}”`);
  if (found.length > 1)
    throw new OversightError(
      'argument-invalid',
      `${found.length} open proposals end in “${given}”; name one`,
    );
  const { body } = await client.get(`/messages/${one.id}`, messageAnswer);
  const parsed = charterProposalBody.safeParse(body);
  const current = await readInForce(client);
  const next = parsed.success ? readProposal(current, parsed.data) : null;
  if (!next?.ok) throw new OversightError('charter-invalid', next?.detail ?? 'the proposal does not parse');
  return { id: one.id, current, next: next.value, reason: one.reason, record };
}
