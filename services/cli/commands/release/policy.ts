import { basename } from 'node:path';
import { z } from 'zod';
import { OversightError } from '../../../../protocols/base/errors.ts';
import type { OversightPolicy } from '../../../../protocols/kinds/index.ts';
import { DEFAULT_OVERSIGHT_POLICY, oversightPolicyOf } from '../../../../protocols/oversight/index.ts';
import { type ReleasePolicy, releasePolicy } from '../../../../protocols/release/index.ts';
import { readInForce } from '../../charter-reading.ts';
import type { CommandContext } from '../../cli.ts';
import { gatewayUrl, type NodeOptions } from '../../location.ts';
import { NodeClient } from '../../node-client.ts';
import { readChecked } from '../../read-json.ts';

interface Chosen {
  readonly policy: ReleasePolicy;
  /** Whose it is, for people. */
  readonly from: string;
}

const USUAL = ofOversight(DEFAULT_OVERSIGHT_POLICY);
/** What a file leaves out is as usual. */
const policyFile = z
  .looseObject({})
  .transform((given) => ({ ...USUAL, ...given }))
  .pipe(releasePolicy);

/** The policy of a file, else of the charter as a node has it, else the usual one. spec 17-releases §1 */
export async function policyFor(
  options: NodeOptions & { readonly policy?: string },
  context: CommandContext,
): Promise<Chosen> {
  if (options.policy !== undefined)
    return { policy: await readChecked(options.policy, policyFile), from: basename(options.policy) };
  const url = await nodeAt(options);
  if (url === null) return { policy: USUAL, from: 'the usual policy; no node was asked' };
  const { document } = await readInForce(new NodeClient(url, context));
  return {
    policy: ofOversight(oversightPolicyOf(document)),
    from: `the charter of ${document.name}, version ${document.version}`,
  };
}

/** Null where no node runs and none was named. */
async function nodeAt(options: NodeOptions): Promise<string | null> {
  try {
    return await gatewayUrl(options);
  } catch (error) {
    const isNamed = options.url !== undefined || options.home !== undefined;
    if (!isNamed && error instanceof OversightError && error.code === 'node-unreachable') return null;
    throw error;
  }
}

function ofOversight({ ratioPpm, licences, parts }: OversightPolicy): ReleasePolicy {
  return { ratioPpm, licences, parts };
}
