import { utf8 } from '../../../protocols/base/bytes.ts';

/** What the file systems we write to hold in one name. */
const NAME_LIMIT_BYTES = 255;
/** Device names of Windows, with or without an extension. */
const RESERVED = /^(?:con|prn|aux|nul|com[0-9]|lpt[0-9])(?:\.|$)/i;

/**
 * Why an entry cannot have this name, or null. The same rule holds for what we publish and for what peers send, so a
 * name from the network can be used as a file name on every system.
 */
export function nameProblem(name: string): string | null {
  if (name === '') return 'is empty';
  // Leaves out `.` and `..`, and what tools hide there: `.git`, `.cache`, `.env`. `ipfs add -r` leaves these out too.
  if (name.startsWith('.')) return 'starts with a dot';
  if (utf8(name).length > NAME_LIMIT_BYTES) return `is longer than ${NAME_LIMIT_BYTES} bytes`;
  if (!name.isWellFormed()) return 'is not Unicode';
  if (/[/\\:*?"<>|]/.test(name)) return 'has a character that some file system reserves';
  if (/\p{Cc}|\p{Cf}/u.test(name)) return 'has a control or formatting character';
  if (/[. ]$/.test(name)) return 'ends in a dot or a space';
  if (RESERVED.test(name)) return 'is a device name';
  return null;
}

/** Equal for names that some file system takes for one. */
export function foldName(name: string): string {
  return name.normalize('NFC').toLowerCase();
}
