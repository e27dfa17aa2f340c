import type { MessageId } from '../../../protocols/base/ids.ts';
import { readCharters } from '../../../services/gateway/dashboard/checker/trusted-charters.ts';
import { amended, founding } from '../amended.ts';
import { mutateBytes, mutateData } from '../mutations.ts';
import { type FuzzTarget, must, oneOf } from './target.ts';

const { node, later } = amended();
const [genesis, next] = node.amendments();
if (genesis === undefined || next === undefined) throw new TypeError('not amended');
const ids = [later.proposal, ...later.consents];

export const AMENDMENT_TARGETS: Readonly<Record<string, FuzzTarget>> = {
  'consented-charters': {
    drives: [
      'services/gateway/dashboard/checker/trusted-charters.ts#readCharters',
      'services/gateway/dashboard/checker/read-amendment.ts#readAmendment',
    ],
    accepts: true,
    run: async (random) => {
      const isDocument = random() < 0.5;
      const spoilt = isDocument ? null : oneOf(ids, random);
      const document = isDocument ? mutateData(later.document, random) : later.document;
      const wireOf = async (id: MessageId) => {
        const wire = node.message(id)?.wire ?? null;
        return wire !== null && id === spoilt ? mutateBytes(wire, random) : wire;
      };
      const read = await readCharters(
        genesis.id,
        [founding(genesis.document), { ...later, document }],
        wireOf,
      );
      if (!read.ok) throw new Error('the first charter is as it was');
      const [, taken] = read.value.charters;
      must(taken === undefined || taken.id === next.id, 'a charter that nobody consented to');
      return taken !== undefined;
    },
  },
};
