import { access, constants } from 'node:fs/promises';
import { delimiter, join } from 'node:path';
import { type Browser, chromium } from 'playwright-core';

const NAMES = ['chromium', 'chromium-browser', 'google-chrome', 'google-chrome-stable'];

/** Only what the page asks for may leave the browser: no updates, no background traffic. */
const QUIET = [
  '--disable-gpu',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
];

/** A real browser with a profile of its own, gone when closed. */
export async function launchChromium(): Promise<Browser> {
  return chromium.launch({
    executablePath: await findChromium(),
    // in a container without user namespaces the sandbox cannot start; the page is ours
    args: [...QUIET, '--no-sandbox'],
  });
}

async function findChromium(): Promise<string> {
  const directories = (process.env['PATH'] ?? '').split(delimiter).filter((entry) => entry !== '');
  for (const path of directories.flatMap((directory) => NAMES.map((name) => join(directory, name)))) {
    const found = await access(path, constants.X_OK).then(
      () => true,
      () => false,
    );
    if (found) return path;
  }
  throw new Error(
    'The tests of the page need Chromium on the PATH. On Debian or Ubuntu: apt install chromium',
  );
}
