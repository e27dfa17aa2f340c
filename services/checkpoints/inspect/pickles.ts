/** Files that run code when the usual tools load them. By name, and by how they start: a name proves nothing. */
const PICKLE_NAME = /\.(?:bin|pt|pth|ckpt|pkl|pickle|npy|npz|joblib|h5|keras)$/i;
const ZIP = [0x50, 0x4b, 0x03, 0x04];
/** PROTO opcode of a pickle, then its version 2 to 5 (docs.python.org/3/library/pickletools.html). */
const PICKLE_PROTO = 0x80;

export const START_BYTES = 4;

export function isPickle(path: string, start: Uint8Array): boolean {
  const version = start[1] ?? 0;
  return (
    PICKLE_NAME.test(path) ||
    (start[0] === PICKLE_PROTO && version >= 2 && version <= 5) ||
    ZIP.every((byte, i) => start[i] === byte)
  );
}
