import { createRequire } from 'node:module';
import { arch, cpus, platform } from 'node:os';
import type { InferenceSession } from 'onnxruntime-node';
import type { Environment } from '../../../protocols/artifacts/index.ts';
import { messageOf, OversightError } from '../../../protocols/base/errors.ts';
import type { Checkpoint } from './checkpoint.ts';
import { chooseProvider, findHardware, type Provider, type ProviderChoice } from './provider.ts';

export type Ort = typeof import('onnxruntime-node');

/** Version of the compiler and decoder; a change that can change a number changes it. */
export const ENGINE_VERSION = '5';

export interface EngineOptions {
  /** Threads inside one operation. One by default: results do not depend on it, and workers share the machine. */
  readonly threads: number;
  /**
   * Lets the runtime copy weights into its own layout, so that a row's numbers do not depend on its batch, bit for bit,
   * and decoding is faster. Costs one more copy of the weights in the process's own memory. On the CPU alone.
   */
  readonly prepacking: boolean;
  /** Default: cpu. */
  readonly provider?: Provider;
}

/** What a job says of how it wants to be run. */
export interface EngineWish {
  readonly threads: number;
  /** Default: cpu. */
  readonly provider?: ProviderChoice | undefined;
  /** What the process may use; unknown where nothing limits it. */
  readonly memoryBytes?: number | undefined;
}

/** Float32 weights up to this are always packed: their copy is smaller than the engine itself. */
const PACKED_ALWAYS_BYTES = 64 * 2 ** 20;
/** The share of a job's memory that packed weights may take, where it decodes texts. */
const PACKED_SHARE = 1 / 4;
const MEMORY_UNKNOWN_BYTES = 2 ** 30;

/**
 * Weights stay mapped, one copy for every process on the machine, unless they are small or the job decodes texts, where
 * packing is faster, and there is memory for it.
 * @throws OversightError `engine-missing` for a provider that is not here
 */
export async function defaultOptions(
  checkpoint: Checkpoint,
  { threads, provider: choice = 'cpu', memoryBytes = MEMORY_UNKNOWN_BYTES }: EngineWish,
  decodes: boolean,
): Promise<EngineOptions> {
  const provider = choice === 'cpu' ? 'cpu' : chooseProvider(choice, await findHardware());
  let bytes = 0;
  for (const tensor of checkpoint.tensors.values())
    bytes += tensor.dtype === 'F32' ? tensor.byteLength : 2 * tensor.byteLength;
  const packable = bytes <= PACKED_ALWAYS_BYTES || (decodes && bytes <= PACKED_SHARE * memoryBytes);
  return { threads, prepacking: provider === 'cpu' && packable, provider };
}

/**
 * ONNX Runtime is an optional dependency, so it is loaded when a model is.
 * @throws OversightError `engine-missing`
 */
export async function loadRuntime(): Promise<Ort> {
  try {
    return await import('onnxruntime-node');
  } catch (cause) {
    throw new OversightError(
      'engine-missing',
      'onnxruntime-node is not installed or does not load here; a verifier needs it: ONNXRUNTIME_NODE_INSTALL=skip npm install onnxruntime-node',
      { cause },
    );
  }
}

/** @throws OversightError `engine-memory-exceeded` or `engine-crashed` when the runtime cannot make the session. */
export async function createSession(
  ort: Ort,
  model: Uint8Array,
  directory: string,
  { threads, prepacking, provider = 'cpu' }: EngineOptions,
): Promise<InferenceSession> {
  try {
    return await ort.InferenceSession.create(model, {
      // what the GPU has no kernel for, small integer shapes, runs on the CPU
      executionProviders: provider === 'cpu' ? ['cpu'] : [provider, 'cpu'],
      intraOpNumThreads: threads,
      interOpNumThreads: 1,
      // a plan for each shape of the inputs, and every step has another; without it a chain of sessions costs less, too
      enableMemPattern: false,
      logSeverityLevel: 3,
      extra: {
        session: {
          model_external_initializers_file_folder_path: `${directory}/`,
          disable_prepacking: prepacking ? '0' : '1',
        },
      },
    });
  } catch (cause) {
    throw runtimeFailure(cause);
  }
}

/**
 * ONNX Runtime and V8 report running out of memory as any other Error; it shows only in the text.
 * Both outcomes end the job, so a wrong guess costs the right reason and nothing else.
 */
export function runtimeFailure(cause: unknown): OversightError {
  const text = messageOf(cause);
  if (/bad_alloc|allocat/i.test(text))
    return new OversightError('engine-memory-exceeded', 'the model does not fit the memory limit', { cause });
  return new OversightError('engine-crashed', `the engine failed: ${text.slice(0, 500)}`, { cause });
}

export function describeEnvironment(checkpoint: Checkpoint, options: EngineOptions): Environment {
  const { version } = createRequire(import.meta.url)('onnxruntime-node/package.json') as { version: string };
  return {
    engine: 'analog-oversight/onnx',
    engineVersion: ENGINE_VERSION,
    runtimes: { node: process.versions.node, 'onnxruntime-node': version },
    provider: options.provider ?? 'cpu',
    weights: weightType(checkpoint),
    dtype: 'float32',
    threads: options.threads,
    prepacking: options.prepacking,
    cpu: cpus()[0]?.model ?? 'unknown',
    architecture: arch(),
    platform: platform(),
  };
}

function weightType(checkpoint: Checkpoint): Environment['weights'] {
  const types = new Set([...checkpoint.tensors.values()].map((tensor) => tensor.dtype));
  const [only] = types;
  if (types.size === 1 && (only === 'F32' || only === 'F16' || only === 'BF16')) return only;
  return 'mixed';
}
