import { open, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';

const PETABYTE = 2n ** 50n;

/** What an attacker, or a mistake, makes of a checkpoint; what `verify` and `publish` say to it. */
export const SPOILED_CHECKPOINTS: readonly {
  readonly what: string;
  readonly spoil: (folder: string) => Promise<unknown>;
  readonly verify: string;
  /** Reason of `checkpoint-invalid`; null: it may be released. */
  readonly publish: string | null;
}[] = [
  {
    what: 'a pickle beside the weights',
    spoil: (folder) => writeFile(join(folder, 'pytorch_model.bin'), Uint8Array.of(0x80, 2)),
    verify: 'checkpoint-invalid',
    publish: 'pickle',
  },
  {
    what: 'a header whose offsets lie outside the file',
    spoil: (folder) =>
      editHeader(folder, (json) => json.replace(/"data_offsets":\[\d+,/, '"data_offsets":[9,')),
    verify: 'checkpoint-invalid',
    publish: 'safetensors-',
  },
  {
    what: 'a header that claims a petabyte',
    spoil: async (folder) => {
      const prefix = Buffer.alloc(8);
      prefix.writeBigUInt64LE(PETABYTE);
      await using file = await open(join(folder, 'model.safetensors'), 'r+');
      await file.write(prefix, 0, 8, 0);
    },
    verify: 'checkpoint-invalid',
    publish: 'safetensors-',
  },
  {
    what: 'no tokenizer',
    spoil: (folder) => rm(join(folder, 'tokenizer.json')),
    verify: 'tokenizer-missing',
    publish: 'tokenizer-missing',
  },
  {
    what: 'an architecture that the engine does not run',
    spoil: async (folder) => {
      const path = join(folder, 'config.json');
      const config = JSON.parse(await readFile(path, 'utf8'));
      await writeFile(path, JSON.stringify({ ...config, model_type: 'mamba' }));
    },
    verify: 'model-unsupported',
    publish: null,
  },
];

/** Changes the JSON of the header and nothing of its length. */
async function editHeader(folder: string, edit: (json: string) => string): Promise<void> {
  await using file = await open(join(folder, 'model.safetensors'), 'r+');
  const prefix = Buffer.alloc(8);
  await file.read(prefix, 0, 8, 0);
  const header = Buffer.alloc(Number(prefix.readBigUInt64LE()));
  await file.read(header, 0, header.length, 8);
  const changed = Buffer.from(edit(header.toString()).padEnd(header.length));
  if (changed.equals(header)) throw new Error('the header has another form than expected');
  await file.write(changed, 0, header.length, 8);
}
