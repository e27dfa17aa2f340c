/** spec of the file: one row a message in order of acceptance; events follow from messages and can be derived anew. */
export const SCHEMA_VERSION = 1;

export const SCHEMA = `
CREATE TABLE IF NOT EXISTS message (
  cursor      INTEGER PRIMARY KEY AUTOINCREMENT,
  id          TEXT    NOT NULL UNIQUE,
  author      TEXT    NOT NULL,
  sequence    INTEGER NOT NULL,
  accepted_at INTEGER NOT NULL,
  wire        BLOB    NOT NULL
) STRICT;
CREATE INDEX IF NOT EXISTS message_by_feed ON message (author, sequence);

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

CREATE TABLE IF NOT EXISTS progress (
  name TEXT PRIMARY KEY,
  row  INTEGER NOT NULL
) STRICT;
`;
