/** The profile unixfs-v1-2025 of IPIP-499: CIDv1, raw leaves, 1 MiB chunks, 1024 links, directories split above 256 KiB. */
export const PROFILE = 'unixfs-v1-2025';
export const LEAF_BYTES = 1_048_576;
export const FILE_LINKS = 1024;
/** Above this the profile splits a directory into shards. No checkpoint comes near it, so we refuse instead. */
export const DIRECTORY_NODE_LIMIT_BYTES = 262_144;
/** Folders inside folders. Model directories have one or two. */
export const DIRECTORY_DEPTH_LIMIT = 16;

/** Levels of nodes above the leaves of a file: 0 for a file that is one leaf. */
export function fileHeight(sizeBytes: number): number {
  let height = 0;
  for (let capacity = LEAF_BYTES; capacity < sizeBytes; capacity *= FILE_LINKS) height++;
  return height;
}

/** Bytes under each link of a file node at `height` that holds `sizeBytes`: all full but the last. */
export function childSizes(sizeBytes: number, height: number): number[] {
  const full = LEAF_BYTES * FILE_LINKS ** (height - 1);
  const sizes: number[] = [];
  for (let left = sizeBytes; left > 0; left -= full) sizes.push(Math.min(left, full));
  return sizes;
}
