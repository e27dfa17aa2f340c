import type { ContentId } from '../../../protocols/base/ids.ts';
import { PROFILE, surveyDirectory } from '../../checkpoints/index.ts';
import { type Attended, type Preparation, prepareRelease, type ReleaseQuestion } from './prepare.ts';

/** What a directory would be as a release: its requirements, its name, and what inspectors would find in it. */
export interface Plan extends Preparation {
  readonly checkpoint: {
    readonly cid: ContentId;
    readonly profile: typeof PROFILE;
    readonly sizeBytes: number;
  };
  /** sha256 of tokenizer.json; null where there is none. */
  readonly tokenizer: string | null;
}

/** Reads every byte once more than `prepareRelease`. @throws OversightError `checkpoint-invalid`, `cancelled` */
export async function planRelease(
  directory: string,
  question: ReleaseQuestion,
  options: Attended,
): Promise<Plan> {
  const preparation = await prepareRelease(directory, { ...question, weights: 'unread' }, options);
  const { cid, sizeBytes, files } = await surveyDirectory(directory, options);
  const tokenizer = files.find(({ path }) => path === 'tokenizer.json')?.sha256 ?? null;
  return { ...preparation, checkpoint: { cid, profile: PROFILE, sizeBytes }, tokenizer };
}
