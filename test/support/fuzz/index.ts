import { AMENDMENT_TARGETS } from './amendments.ts';
import { ARTIFACT_TARGETS } from './artifacts.ts';
import { BUNDLE_TARGETS } from './bundles.ts';
import { CHALLENGE_TARGETS } from './challenges.ts';
import { DISCLOSURE_TARGETS } from './disclosures.ts';
import { FEED_TARGETS } from './feeds.ts';
import { GATEWAY_TARGETS } from './gateway.ts';
import { IMPORTER_TARGETS } from './importers.ts';
import { INTERVENTION_TARGETS } from './interventions.ts';
import { JUDGEMENT_TARGETS } from './judgements.ts';
import { MESSAGE_TARGETS } from './messages.ts';
import { NAME_TARGETS } from './names.ts';
import { OVERSIGHT_TARGETS } from './oversight.ts';
import { PEER_TARGETS } from './peers.ts';
import { RELEASE_TARGETS } from './releases.ts';
import { SYNC_TARGETS } from './sync.ts';
import type { FuzzTarget } from './target.ts';
import { TEACHER_TARGETS } from './teachers.ts';

/** Everything that is fuzzed, by the name that FUZZ_REPLAY takes. */
export const TARGETS: Readonly<Record<string, FuzzTarget>> = {
  ...NAME_TARGETS,
  ...MESSAGE_TARGETS,
  ...FEED_TARGETS,
  ...BUNDLE_TARGETS,
  ...AMENDMENT_TARGETS,
  ...ARTIFACT_TARGETS,
  ...INTERVENTION_TARGETS,
  ...IMPORTER_TARGETS,
  ...TEACHER_TARGETS,
  ...PEER_TARGETS,
  ...CHALLENGE_TARGETS,
  ...SYNC_TARGETS,
  ...GATEWAY_TARGETS,
  ...JUDGEMENT_TARGETS,
  ...RELEASE_TARGETS,
  ...OVERSIGHT_TARGETS,
  ...DISCLOSURE_TARGETS,
};
