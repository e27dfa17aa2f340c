import { messageOf, OversightError } from '../../../protocols/base/errors.ts';
import type { MemberKey } from '../../../protocols/base/ids.ts';
import type { EventType } from '../../../protocols/events/index.ts';
import { nativeEd25519 } from '../../keys/index.ts';
import { EventLog, Ledger, ProcessLock } from '../../ledger/index.ts';
import { Chronicle } from '../chronicle.ts';
import { readHome } from '../home.ts';
import { Inbox } from '../inbox.ts';
import { Opener } from '../opening/opener.ts';
import { type Exported, exportBundle } from './export.ts';
import { type Imported, importBundle } from './import.ts';

export type { Exported, Imported };

export interface BundleChoices {
  /** Names or keys of members; empty for all feeds. */
  readonly authors: readonly string[];
  readonly from: number;
}

/**
 * Writes the feeds of a home, whether its node runs or not.
 * @throws OversightError `home-not-found`, `argument-invalid`, `disk-full`, …
 */
export async function exportHome(
  home: string,
  path: string,
  { authors, from }: BundleChoices,
  options: { readonly signal: AbortSignal },
): Promise<Exported> {
  const { charter, paths } = await readHome(home);
  using ledger = new Ledger(paths.ledger);
  const keys = new Map<string, MemberKey>(ledger.heads().map(({ author }) => [author, author]));
  for (const [key, { name }] of charter.members) keys.set(name, key);
  const wanted = authors.map((author) => {
    const key = keys.get(author);
    if (key === undefined) throw new OversightError('argument-invalid', `no feed of ${author} is held here`);
    return key;
  });
  const chosen = wanted.length === 0 ? null : new Set(wanted);
  return await exportBundle(ledger, charter, path, { authors: chosen, from }, options);
}

/**
 * Reads a bundle into a home whose node does not run.
 * @throws OversightError `home-in-use`, `bundle-invalid`, `disk-full`, …
 */
export async function importHome(
  home: string,
  path: string,
  options: { readonly signal: AbortSignal },
): Promise<Imported> {
  const { charter, paths } = await readHome(home);
  await using stack = new AsyncDisposableStack();
  stack.use(new ProcessLock(paths.lock));
  const ledger = stack.use(new Ledger(paths.ledger));
  const log = stack.use(new EventLog<EventType>(paths.ledger));
  const chronicle = new Chronicle(charter, ledger, log, (error) => {
    throw new OversightError('ledger-failed', `events cannot be stored: ${messageOf(error)}`, {
      cause: error,
    });
  });
  const opener = stack.use(new Opener(charter.id));
  const clock = { now: () => Date.now() };
  const inbox = new Inbox(chronicle.fold, ledger, clock, opener);
  const ed25519 = nativeEd25519();
  return await importBundle(
    { federation: charter.id, ledger, chronicle, inbox, opener, ed25519, now: clock.now },
    path,
    options,
  );
}
