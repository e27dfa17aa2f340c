import type { ContentId } from '../base/ids.ts';
import type { SignedFile } from './oms.ts';

/** What the exports of spec 17-releases §5 are made of: the directory, its card, and who says so when. */
export interface DescribedModel {
  readonly name: string;
  readonly version: string;
  /** The organisation that supplies it. */
  readonly supplier: string;
  /** SPDX identifier. */
  readonly licence: string;
  readonly cid: ContentId;
  readonly profile: string;
  readonly files: readonly SignedFile[];
  /** `model_type` of config.json. */
  readonly modelType: string;
  /** As config.json names it, or null. */
  readonly architecture: string | null;
  readonly parameters: number;
  /** As the card's metadata has it, or null. */
  readonly task: string | null;
  /** Texts of the card, null where it has none. */
  readonly training: string | null;
  readonly intendedUse: string | null;
  readonly limits: string | null;
  /** RFC 3339, UTC, whole seconds. */
  readonly created: string;
}
