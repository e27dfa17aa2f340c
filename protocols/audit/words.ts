import type { CheckName } from './codes.ts';

/** What each check counts, and what it means where there was nothing to count, for a person. */
export const CHECK_WORDS: Readonly<Record<CheckName, { readonly held: string; readonly none: string }>> = {
  federation: { held: 'first charter, of this very name', none: 'not known' },
  signatures: { held: 'messages signed by their authors', none: 'no messages' },
  trees: { held: 'signed heads that the messages give', none: 'no feeds' },
  tiles: { held: 'tiles and bundles as the trees have them', none: 'this source serves no tiles' },
  charter: { held: 'versions of the charter, with consents', none: 'not known' },
  authority: { held: 'messages judged by their charter', none: 'no messages' },
  forks: { held: 'forks that are proven and told', none: 'none is proven, none is claimed' },
  witnesses: { held: 'cosignatures of the heads shown', none: 'no witness has cosigned anything' },
  times: { held: 'times established by witnesses', none: 'no time is established' },
  verdicts: { held: 'verdicts that follow from their counts', none: 'no verdicts' },
  record: { held: 'record, as the messages give it', none: 'this source states no record' },
  content: { held: 'artefacts with the bytes of their names', none: 'not asked for (--blobs)' },
  history: { held: 'heads seen before that still stand', none: 'nothing to compare with (--since)' },
};
