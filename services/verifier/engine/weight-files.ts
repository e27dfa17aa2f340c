import { OversightError } from '../../../protocols/base/errors.ts';
import { readJson } from './json-file.ts';

const WHOLE = 'model.safetensors';
const INDEX = 'model.safetensors.index.json';

/**
 * The files a checkpoint's weights are in, as Transformers chooses them: `model.safetensors`, or those its index names.
 * Without either, every safetensors file. What lies beside them, such as a vendor's own format, is not read.
 * @throws OversightError `checkpoint-invalid`
 */
export async function weightFiles(directory: string, files: readonly string[]): Promise<readonly string[]> {
  if (files.includes(WHOLE)) return [WHOLE];
  const present = files.filter((name) => name.endsWith('.safetensors'));
  if (present.length === 0) throw invalid('weights-missing', 'no *.safetensors in the checkpoint');
  if (!files.includes(INDEX)) return present;
  const named = new Set(mapOf(await readJson(directory, INDEX)));
  const absent = [...named].find((name) => !present.includes(name));
  if (absent !== undefined) throw invalid('weights-missing', `the index names ${absent.slice(0, 128)}`);
  return present.filter((name) => named.has(name));
}

/** The files of an index: the values of its `weight_map`. */
function mapOf(json: unknown): readonly string[] {
  const map = typeof json === 'object' && json !== null && 'weight_map' in json ? json.weight_map : null;
  const values = typeof map === 'object' && map !== null ? Object.values(map) : [];
  if (values.length === 0 || !values.every((value) => typeof value === 'string'))
    throw invalid('index-invalid', `${INDEX} has no weight_map of file names`);
  return values;
}

function invalid(reason: string, message: string): OversightError {
  return new OversightError('checkpoint-invalid', message, { details: { reason } });
}
