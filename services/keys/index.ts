export { bulkEd25519, nativeEd25519, nativeSha256 } from './native-ed25519.ts';
export { createSeedFile, readSeedFile } from './seed-file.ts';
