export { type AuthorityRefusal, authorize, mayPublish } from './authority.ts';
export { applyChanges, type ProposalRefusal, readProposal } from './changes.ts';
export { type Charter, type CharterRefusal, type ReadOptions, readCharter, readGenesis } from './charter.ts';
export { consentsNeeded } from './consent.ts';
export { type Drafted, draftProposal, type Leaving, removal, rotation } from './draft.ts';
export { foundingDocument } from './founding.ts';
export { CharterHistory, type KeyHistory } from './history.ts';
export { findBreach, type SuccessionRefusal } from './succession.ts';
