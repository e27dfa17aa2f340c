/** What a file holds. A file of another version is not touched. */
export interface Layout {
  readonly version: number;
  readonly schema: string;
}

/** Version of the file. */
export const SCHEMA_VERSION = 2;

/** Rows of about a kilobyte: with pages of 4 KiB a commit writes twice as many frames (measured). New files only. */
export const PAGE_BYTES = 16_384;

/**
 * One row a message in order of acceptance. `branch` 0 is the chain of a feed, without a gap; 1 is what proves a fork of
 * it. `tag` stands for the id, which follows from the wire (tags.ts). Events follow from messages and can be derived anew.
 */
export const SCHEMA = `
CREATE TABLE IF NOT EXISTS feed (
  number INTEGER PRIMARY KEY,
  author TEXT    NOT NULL UNIQUE
) STRICT;

CREATE TABLE IF NOT EXISTS message (
  cursor      INTEGER PRIMARY KEY,
  feed        INTEGER NOT NULL,
  sequence    INTEGER NOT NULL,
  branch      INTEGER NOT NULL,
  tag         INTEGER NOT NULL,
  accepted_at INTEGER NOT NULL,
  wire        BLOB    NOT NULL
) STRICT;
CREATE UNIQUE INDEX IF NOT EXISTS message_by_feed ON message (feed, sequence, branch);
CREATE INDEX IF NOT EXISTS message_by_tag ON message (tag);
CREATE INDEX IF NOT EXISTS message_evidence ON message (feed, sequence) WHERE branch = 1;

CREATE TABLE IF NOT EXISTS pending (
  number   INTEGER PRIMARY KEY,
  feed     INTEGER NOT NULL,
  sequence INTEGER NOT NULL,
  wire     BLOB    NOT NULL
) STRICT;
CREATE INDEX IF NOT EXISTS pending_by_feed ON pending (feed, sequence);

CREATE TABLE IF NOT EXISTS head (
  feed      INTEGER PRIMARY KEY,
  size      INTEGER NOT NULL,
  root      BLOB    NOT NULL,
  signature BLOB    NOT NULL
) STRICT;

CREATE TABLE IF NOT EXISTS reservation (
  sequence INTEGER PRIMARY KEY,
  payload  BLOB NOT NULL
) STRICT;

CREATE TABLE IF NOT EXISTS event (
  cursor      INTEGER PRIMARY KEY AUTOINCREMENT,
  row         INTEGER NOT NULL,
  type        TEXT    NOT NULL,
  message     TEXT    NOT NULL,
  author      TEXT    NOT NULL,
  accepted_at INTEGER NOT NULL,
  data        TEXT    NOT NULL
) STRICT;

CREATE INDEX IF NOT EXISTS event_of_clock ON event (type, message, data) WHERE row = 0;

CREATE TABLE IF NOT EXISTS progress (
  name TEXT PRIMARY KEY,
  row  INTEGER NOT NULL
) STRICT;
`;

export const LEDGER_LAYOUT: Layout = { version: SCHEMA_VERSION, schema: SCHEMA };
