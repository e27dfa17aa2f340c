/** Branded names: parsed once at the edge, trusted by type from then on. */
declare const brand: unique symbol;
type Branded<T, B extends string> = T & { readonly [brand]: B };

/** CID (v1, dag-cbor, sha2-256, base32) of a message's payload bytes. */
export type MessageId = Branded<string, 'MessageId'>;
/** CID of the genesis charter document. */
export type FederationId = Branded<string, 'FederationId'>;
/** CID of a directory or file (UnixFS, profile `unixfs-v1-2025`). */
export type ContentId = Branded<string, 'ContentId'>;
/** `did:key:z6Mk…` of an Ed25519 signing key. */
export type MemberKey = Branded<string, 'MemberKey'>;
