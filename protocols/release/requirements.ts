import { CARD_HEADINGS, DATA_HEADINGS, type Heading, missingFrom } from './headings.ts';
import { spdxIdOf } from './licences.ts';
import { type Section, sectionsOf } from './markdown.ts';
import { type ModelCard, parseModelCard } from './model-card.ts';
import type { ReleasePolicy } from './policy.ts';

/** What stands in a directory, read and not yet judged. Texts are null where their file is not there. */
export interface ReleaseParts {
  /** Files that hold at least one byte. */
  readonly filled: ReadonlySet<string>;
  readonly card: string | null;
  readonly dataDescription: string | null;
  /** What the inspection of weights, configuration and tokenizer gave. */
  readonly model:
    | { readonly ok: true; readonly parameters: number; readonly modelType: string }
    | { readonly ok: false; readonly reason: string; readonly detail: string };
  /** Licence that the release message will state; null: as the card says. */
  readonly licence: string | null;
  /** Parameters of the frontier model; null: withheld or not known here. */
  readonly frontierParameters: number | null;
  /** `read`: every weight was looked at. */
  readonly weights: 'finite' | 'unread' | { readonly notFinite: string };
}

/** How one requirement came out. `code` is stable; `detail` says what is there, `cure` what to do. */
export type Requirement = {
  readonly clause: `17-releases §${number}.${number}`;
  readonly part: string;
} & (
  | { readonly state: 'met'; readonly detail: string }
  | {
      readonly state: 'failed' | 'open';
      readonly code: string;
      readonly detail: string;
      readonly cure: string;
    }
);

/** Every requirement of the policy, in the order of spec 17-releases §2. */
export function judgeRelease(parts: ReleaseParts, policy: ReleasePolicy): readonly Requirement[] {
  const parsed = parts.card === null ? null : parseModelCard(parts.card);
  const card = parsed?.ok ? parsed.value : null;
  return [
    judgeModel(parts),
    judgeWeights(parts),
    parsed === null
      ? failed(
          3,
          'model card',
          'card-missing',
          'there is no README.md',
          'Write the model card into README.md.',
        )
      : parsed.ok
        ? met(3, 'model card', 'README.md with metadata')
        : failed(3, 'model card', parsed.reason, parsed.detail, CARD_CURE),
    judgeHeadings(4, 'model card', 'README.md', card?.sections ?? [], CARD_HEADINGS, parts.card !== null),
    judgeData(parts),
    judgeScripts(parts),
    judgeLicence(parts, card, policy),
    judgeLicenceFile(parts),
    judgeRatio(parts, policy),
  ];
}

const CARD_CURE =
  'Open README.md with a line ---, then `license: apache-2.0` (or another permitted one), then a line ---.';

function judgeModel({ model }: ReleaseParts): Requirement {
  return model.ok
    ? met(1, 'model', `${model.modelType}, ${model.parameters} parameters`)
    : failed(
        1,
        'model',
        model.reason,
        model.detail,
        'Publish safetensors with config.json and tokenizer.json.',
      );
}

function judgeWeights({ weights }: ReleaseParts): Requirement {
  if (weights === 'finite') return met(2, 'weights', 'every weight is a finite number');
  if (weights === 'unread')
    return open(2, 'weights', 'weights-unread', 'the weights were not read', 'Run without --headers-only.');
  return failed(2, 'weights', 'weights-not-finite', weights.notFinite, 'Export the checkpoint again.');
}

function judgeHeadings(
  clause: number,
  part: string,
  file: string,
  sections: readonly Section[],
  headings: readonly Heading[],
  isThere: boolean,
): Requirement {
  const missing = missingFrom(sections, headings);
  if (missing.length === 0) return met(clause, part, `${file} says ${list(headings)}`);
  const detail = isThere ? `${file} does not say: ${list(missing)}` : `there is no ${file}`;
  const titles = missing.map(({ title }) => `“## ${title}”`).join(', ');
  return failed(
    clause,
    part,
    'heading-missing',
    detail,
    `Add ${titles} to ${file}, each with text under it.`,
  );
}

function judgeData({ dataDescription }: ReleaseParts): Requirement {
  const sections = sectionsOf(dataDescription ?? '');
  return judgeHeadings(5, 'data description', 'DATA.md', sections, DATA_HEADINGS, dataDescription !== null);
}

function judgeScripts({ filled }: ReleaseParts): Requirement {
  const scripts = [...filled].filter((path) => path.startsWith('scripts/'));
  return scripts.length > 0
    ? met(6, 'scripts', `${scripts.length} in scripts/`)
    : failed(
        6,
        'scripts',
        'scripts-missing',
        'scripts/ is not there or empty',
        'Put the distillation or training scripts, or a description of the same worth, into scripts/.',
      );
}

function judgeLicence(
  { licence }: ReleaseParts,
  card: ModelCard | null,
  { licences }: ReleasePolicy,
): Requirement {
  const written = card?.metadata.license;
  const ofCard = typeof written === 'string' ? [written] : (written ?? []);
  const stated = licence ?? ofCard[0] ?? null;
  const fail = (code: string, detail: string, cure: string) => failed(7, 'licence', code, detail, cure);
  const permitted = `Permitted: ${licences.join(', ')}.`;
  if (stated === null)
    return fail('licence-missing', 'no licence is stated', `Set \`license\` in README.md. ${permitted}`);
  const id = spdxIdOf(stated);
  if (id === null)
    return fail(
      'licence-unknown',
      `${stated} is no identifier of the SPDX list`,
      `Use the SPDX identifier. ${permitted}`,
    );
  if (ofCard.length > 1 || (ofCard[0] !== undefined && spdxIdOf(ofCard[0]) !== id))
    return fail(
      'licence-differs',
      `README.md says ${ofCard.join(', ')}, the release says ${id}`,
      'State one licence, the same in both.',
    );
  if (!licences.includes(id)) return fail('licence-not-permitted', `${id} is not permitted`, permitted);
  return met(7, 'licence', id);
}

function judgeLicenceFile({ filled }: ReleaseParts): Requirement {
  const file = [...filled].find((path) => /^licen[cs]e(?:\.(?:md|txt))?$/i.test(path));
  return file !== undefined
    ? met(8, 'licence file', file)
    : failed(
        8,
        'licence file',
        'licence-file-missing',
        'there is no LICENSE',
        'Add the text of the licence as LICENSE.',
      );
}

function judgeRatio({ model, frontierParameters }: ReleaseParts, policy: ReleasePolicy): Requirement {
  const { from, to } = policy.ratioPpm;
  const window = `${percent(from)} to ${percent(to)}`;
  const still = (code: string, detail: string) =>
    open(9, 'ratio', code, detail, `Give --frontier or --frontier-parameters; the window is ${window}.`);
  if (!model.ok) return still('ratio-unknown', 'the parameters could not be counted');
  if (frontierParameters === null)
    return still('ratio-unknown', 'the size of the frontier model is not known here');
  const ratio = (model.parameters / frontierParameters) * 1e6;
  const detail = `${model.parameters} of ${frontierParameters} parameters are ${percent(ratio)}, the window is ${window}`;
  // whole numbers: at the ends of the window one parameter decides
  const least = (BigInt(from) * BigInt(frontierParameters) + 999_999n) / 1_000_000n;
  const most = (BigInt(to) * BigInt(frontierParameters)) / 1_000_000n;
  const cure = `Release an analog of ${least} to ${most} parameters.`;
  if (model.parameters < least) return failed(9, 'ratio', 'ratio-below', detail, cure);
  if (model.parameters > most) return failed(9, 'ratio', 'ratio-above', detail, cure);
  return met(9, 'ratio', detail);
}

function met(clause: number, part: string, detail: string): Requirement {
  return { clause: clauseOf(clause), part, state: 'met', detail };
}

function failed(clause: number, part: string, code: string, detail: string, cure: string): Requirement {
  return { clause: clauseOf(clause), part, state: 'failed', code, detail, cure };
}

function open(clause: number, part: string, code: string, detail: string, cure: string): Requirement {
  return { clause: clauseOf(clause), part, state: 'open', code, detail, cure };
}

function clauseOf(item: number): Requirement['clause'] {
  return `17-releases §2.${item}`;
}

function list(headings: readonly Heading[]): string {
  return headings.map(({ name }) => name).join(', ');
}

function percent(ppm: number): string {
  return `${Number((ppm / 10_000).toPrecision(3))} %`;
}
