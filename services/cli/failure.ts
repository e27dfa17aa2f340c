import { hasErrno, messageOf, OversightError } from '../../protocols/base/errors.ts';
import { clean } from './terminal.ts';

/** `error <code>: <what happened>` on one or two lines; with `debug` also where. */
export function failureText(error: unknown, debug: boolean): string {
  const { code, message } = toCoded(error);
  const text = `error ${code}: ${clean(message)}`;
  return debug && error instanceof Error ? `${text}\n${error.stack ?? ''}` : text;
}

function toCoded(error: unknown): { readonly code: string; readonly message: string } {
  if (error instanceof OversightError) {
    const { reason } = error.details;
    const isSaid = reason === undefined || error.message.startsWith(`${reason}`);
    return { code: error.code, message: isSaid ? error.message : `${reason}: ${error.message}` };
  }
  if (hasErrno(error, 'ENOENT')) return { code: 'not-found', message: messageOf(error) };
  if (hasErrno(error, 'EACCES')) return { code: 'permission-denied', message: messageOf(error) };
  if (hasErrno(error, 'ENOSPC')) return { code: 'disk-full', message: messageOf(error) };
  const hint = 'Set OVERSIGHT_DEBUG=1 to see where.';
  return { code: 'internal-failure', message: `${messageOf(error)}. ${hint}` };
}
