import { access, realpath } from 'node:fs/promises';
import { delimiter, dirname, join } from 'node:path';

const DRIVER = 'vk_swiftshader_icd.json';
/** Where Debian's package has what its program on the PATH only starts. */
const PACKAGED = '/usr/lib/chromium';

/** Variables by which a child process finds SwiftShader, the Vulkan driver in software that Chromium brings along. */
export async function softwareVulkan(): Promise<Readonly<Record<string, string>>> {
  for (const folder of [PACKAGED, ...(await browserFolders())])
    if ((await exists(join(folder, DRIVER))) && (await exists(join(folder, 'libvulkan.so.1'))))
      return { VK_ICD_FILENAMES: join(folder, DRIVER), LD_LIBRARY_PATH: folder };
  throw new Error('The tests of WebGPU need SwiftShader. On Debian or Ubuntu: apt install chromium');
}

async function browserFolders(): Promise<readonly string[]> {
  const paths = (process.env['PATH'] ?? '')
    .split(delimiter)
    .flatMap((folder) => ['chromium', 'google-chrome'].map((name) => join(folder, name)));
  const found = await Promise.all(paths.map((path) => realpath(path).catch(() => null)));
  return found.flatMap((path) => (path === null ? [] : [dirname(path)]));
}

async function exists(path: string): Promise<boolean> {
  return access(path).then(
    () => true,
    () => false,
  );
}
