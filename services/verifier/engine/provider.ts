import { constants } from 'node:fs';
import { access } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { arch, platform } from 'node:os';
import { dirname, join } from 'node:path';
import type { Environment } from '../../../protocols/artifacts/index.ts';
import { OversightError } from '../../../protocols/base/errors.ts';

/** What executes the graphs. `webgpu` may crash its process: it belongs into a child, where `rerun` runs every job. */
export type Provider = Environment['provider'];
export const PROVIDER_CHOICES = ['auto', 'cpu', 'cuda', 'webgpu'] as const;
/** `auto`: what the machine has, an NVIDIA GPU before the CPU. Other GPUs, as most laptops have, are used where asked for. */
export type ProviderChoice = (typeof PROVIDER_CHOICES)[number];

/** What is there to choose from. */
export interface Hardware {
  /** An NVIDIA driver is loaded. */
  readonly nvidia: boolean;
  /** ONNX Runtime's CUDA library, which its package leaves out unless asked. */
  readonly cudaLibrary: boolean;
}

/**
 * CUDA where its library has been installed, else WebGPU (through Vulkan) where there is an NVIDIA GPU, else the CPU.
 * @throws OversightError `engine-missing` for `cuda` without its library
 */
export function chooseProvider(choice: ProviderChoice, hardware: Hardware): Provider {
  switch (choice) {
    case 'auto':
      if (hardware.nvidia && hardware.cudaLibrary) return 'cuda';
      return hardware.nvidia ? 'webgpu' : 'cpu';
    case 'cuda':
      if (hardware.cudaLibrary) return 'cuda';
      throw new OversightError(
        'engine-missing',
        'onnxruntime-node has no CUDA library here; deploy/README.md says how to install it',
      );
    default:
      return choice;
  }
}

/** Looks for devices and libraries; loads no driver. */
export async function findHardware(): Promise<Hardware> {
  return {
    nvidia: await exists('/dev/nvidiactl'),
    cudaLibrary: await exists(cudaLibrary()),
  };
}

function cudaLibrary(): string {
  const root = dirname(createRequire(import.meta.url).resolve('onnxruntime-node/package.json'));
  return join(root, 'bin/napi-v6', platform(), arch(), 'libonnxruntime_providers_cuda.so');
}

async function exists(path: string): Promise<boolean> {
  try {
    await access(path, constants.R_OK);
    return true;
  } catch {
    return false; // not there, or not ours to use
  }
}
