import type { PlainObject } from '../../protocols/base/plain.ts';
import { consentsNeeded, draftProposal } from '../../protocols/charter/index.ts';
import {
  type ClaimedCharter,
  readCharters,
} from '../../services/gateway/dashboard/checker/trusted-charters.ts';
import { charterOf, type MemberName } from './federation.ts';
import { InMemoryNode } from './in-memory-node.ts';

/** The first version, as a node gives it. */
export function founding(document: unknown): ClaimedCharter {
  return { document, proposal: null, consents: [] };
}

/** A federation that has changed its name, with just as many consents as that takes, and its node. */
export function amended() {
  const genesis = charterOf();
  const node = new InMemoryNode('example-regulator');
  const drafted = draftProposal(genesis, [{ change: 'name', name: 'Renamed' }], {
    reason: 'a test',
    lengthOf: () => 0,
  });
  if (!drafted.ok) throw new TypeError(drafted.detail);
  const { body } = drafted.value;
  const names = genesis.document.members.map(({ name }) => name as MemberName);
  const proposal = node.hear('example-lab', 'charter-proposal/1', body as unknown as PlainObject);
  const { version, charter } = body;
  for (const name of names.slice(0, consentsNeeded(genesis.document)))
    node.hear(name, 'charter-consent/1', { version, charter, proposal: proposal.id });
  const [, later] = node.amendments();
  if (later === undefined) throw new TypeError('not amended');
  const read = (claimed: readonly ClaimedCharter[]) =>
    readCharters(
      genesis.id,
      [founding(genesis.document), ...claimed],
      async (id) => node.message(id)?.wire ?? null,
    );
  return { node, later, read };
}
