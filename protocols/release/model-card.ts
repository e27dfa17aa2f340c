import { parseDocument } from 'yaml';
import { z } from 'zod';
import { accept, type Result, refuse } from '../base/result.ts';
import { type Section, sectionsOf } from './markdown.ts';

/** A card is read by people; a mebibyte is a book. */
export const CARD_LIMIT_BYTES = 1_048_576;
const METADATA_LIMIT_CHARS = 65_536;

const words = z.string().max(512);
const oneOrMore = z.union([words, z.array(words).max(64)]);

/** What we read of the metadata of a Hugging Face model card. Other fields are ignored. */
const metadataSchema = z.looseObject({
  license: oneOrMore.optional(),
  base_model: oneOrMore.optional(),
  language: oneOrMore.optional(),
  pipeline_tag: words.optional(),
  library_name: words.optional(),
  tags: z.array(words).max(256).optional(),
  datasets: oneOrMore.optional(),
});
export type CardMetadata = z.infer<typeof metadataSchema>;

export interface ModelCard {
  readonly metadata: CardMetadata;
  readonly sections: readonly Section[];
}

export type CardRefusal = 'card-too-large' | 'card-metadata-missing' | 'card-metadata-invalid';

/** Reads README.md: metadata in YAML between two lines of `---`, then Markdown. */
export function parseModelCard(text: string): Result<ModelCard, CardRefusal> {
  if (text.length > CARD_LIMIT_BYTES) return refuse('card-too-large', `${text.length} characters`);
  const [first, ...lines] = text.split(/\r?\n/);
  const end = lines.indexOf('---');
  if (first?.trimEnd() !== '---' || end < 0)
    return refuse('card-metadata-missing', 'README.md does not open with metadata between two lines of ---');
  const yaml = lines.slice(0, end).join('\n');
  const metadata = yaml.length > METADATA_LIMIT_CHARS ? undefined : readYaml(yaml);
  const parsed = metadataSchema.safeParse(metadata ?? undefined);
  if (!parsed.success)
    return refuse('card-metadata-invalid', 'the metadata of README.md is no YAML map of the known fields');
  return accept({ metadata: parsed.data, sections: sectionsOf(lines.slice(end + 1).join('\n')) });
}

/** Plain data, without aliases (which can grow without bound) and without types of its own; undefined when it is no YAML. */
function readYaml(yaml: string): unknown {
  const document = parseDocument(yaml, { schema: 'core', uniqueKeys: true, logLevel: 'silent' });
  if (document.errors.length > 0) return undefined;
  try {
    return document.toJS({ maxAliasCount: 0 });
  } catch {
    return undefined; // an alias, or nesting beyond the stack
  }
}
