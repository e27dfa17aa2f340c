/** Every size and count that bounds what a peer can send. Each constant names its clause; spec/01-limits.md lists them all. */

/** spec 01-limits §1: a message on the wire, both parts included; an entry bundle gives its length in two bytes. */
export const MESSAGE_LIMIT_BYTES = 65_535;
/** spec 01-limits §2: nesting of lists and maps in any canonical document. */
export const DOCUMENT_DEPTH_LIMIT = 16;
/** spec 01-limits §3: entries of any one list or map in a canonical document. */
export const DOCUMENT_ENTRIES_LIMIT = 4_096;
/** spec 01-limits §5: members of one charter. */
export const MEMBERS_LIMIT = 1_024;
/** spec 01-limits §6: characters of a kind, such as `finding/1`. */
export const KIND_LIMIT_CHARS = 64;
/** spec 01-limits §7: payloads of one author at one sequence that a node keeps; two prove a fork, more add nothing. */
export const FORK_EVIDENCE_LIMIT = 2;
/** spec 01-limits §8: messages in one answer of the sync protocol. */
export const SYNC_RANGE_LIMIT = 4_096;
/** spec 01-limits §9: header of a safetensors file. */
export const SAFETENSORS_HEADER_LIMIT_BYTES = 100_000_000;
/** spec 01-limits §10: files of one checkpoint, intervention or suite directory. */
export const DIRECTORY_FILES_LIMIT = 4_096;
/** spec 01-limits §11: one request of the sync protocol; the largest is one to a witness. */
export const SYNC_REQUEST_LIMIT_BYTES = 17_408;
/** spec 01-limits §12: one frame of an answer: messages, or a list of heads. */
export const SYNC_FRAME_LIMIT_BYTES = 131_072;
/** spec 01-limits §13: frames of one answer; a full range of one message a frame. */
export const SYNC_FRAMES_LIMIT = 4_096;
/** spec 01-limits §14: heads in one frame of an answer. */
export const SYNC_HEADS_LIMIT = 256;
/** spec 01-limits §15: body of one HTTP request; a message as JSON takes more room than on the wire. */
export const HTTP_BODY_LIMIT_BYTES = 262_144;
/** spec 01-limits §16: event streams one node serves at a time. */
export const EVENT_STREAMS_LIMIT = 256;
/** spec 01-limits §16: of one address, so that none can take them all; an IPv6 network of 64 bits is one. */
export const EVENT_STREAMS_PER_ADDRESS_LIMIT = 32;
/** spec 01-limits §17: hashes of one inclusion or consistency proof; no size below 2^53 needs more than 54. C2SP tlog-witness */
export const PROOF_HASHES_LIMIT = 63;
/** spec 01-limits §18: one signed note; sixteen signatures of 5 kB must fit. C2SP signed-note */
export const NOTE_LIMIT_BYTES = 131_072;
/** spec 01-limits §19: signature lines of one note; as many as the Go library takes. */
export const NOTE_SIGNATURES_LIMIT = 100;
/** spec 01-limits §20: name of a key in a note; a feed's has 130. */
export const NOTE_KEY_NAME_LIMIT_CHARS = 512;
/** spec 01-limits §21: one request to a witness: 63 hashes and a checkpoint of a feed with signatures to spare. */
export const WITNESS_REQUEST_LIMIT_BYTES = 16_384;
/** spec 01-limits §22: a proof file: a note, 63 hashes, and room for extra data. */
export const TLOG_PROOF_LIMIT_BYTES = 262_144;
/** spec 01-limits §23: bytes of messages in one answer of the sync protocol: what an asker holds of one chunk. */
export const SYNC_RANGE_LIMIT_BYTES = 4_194_304;
/** spec 01-limits §24: feeds that one peer can name: keys of members, their former keys among them. */
export const FEEDS_LIMIT = 4_096;
/** spec 01-limits §25: sequences of which one answer proves a fork; the lowest is what counts. */
export const SYNC_EVIDENCE_LIMIT = 16;
/** spec 01-limits §26: one block of a bundle; what IPFS tools take has twice this. */
export const BUNDLE_BLOCK_LIMIT_BYTES = 1_048_576;
/** spec 01-limits §27: fork proofs on one feed that count in one feed: each lower one has every node derive anew. */
export const FORK_PROOFS_LIMIT = 8;
