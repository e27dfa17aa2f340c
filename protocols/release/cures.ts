const EXPORT_AGAIN = 'Export the checkpoint again, as safetensors.';
const COPY_AGAIN = 'Copy or export the file again.';
const NAMES = 'Give it another name, which every file system can hold.';
const INDEX = 'Write the index and its files again, with the library that made them.';
const REAL_FILES =
  'Put the file itself in its place; `oversight release import-hf` does so for the Hugging Face cache.';

/** What to do where the inspection of a directory refuses it, by its reason. */
const CURES: Readonly<Record<string, string>> = {
  pickle: 'Convert it to safetensors or leave it out.',
  symlink: REAL_FILES,
  'special-file': 'Leave it out.',
  'name-invalid': NAMES,
  'name-collision': NAMES,
  'too-many-files': 'Leave out what is no part of the release.',
  'too-deep': 'Leave out what is no part of the release.',
  empty: 'Put the release into it.',
  'changed-while-read': 'Wait until nobody writes to it.',
  'config-missing': 'Add config.json as the training library writes it.',
  'config-invalid': 'Write config.json again, with the training library.',
  'tokenizer-missing': 'Add tokenizer.json (a fast tokenizer, saved by its library).',
  'tokenizer-invalid': 'Save the tokenizer again, with its library.',
  'safetensors-missing': 'Add model.safetensors, or its parts with their index.',
  'safetensors-truncated': COPY_AGAIN,
  'index-invalid': INDEX,
  'index-file-missing': 'Add the files that the index names.',
  'index-tensor-missing': INDEX,
  'index-tensor-repeated': INDEX,
  'weights-unlisted': 'Leave the file out, or name it in model.safetensors.index.json.',
};

export function cureOf(reason: string): string {
  return Object.hasOwn(CURES, reason) ? (CURES[reason] as string) : EXPORT_AGAIN;
}
