/**
 * Schema 1. A released migration is never edited: a change is a new file with the next number.
 * Times named `_ms` are milliseconds since 1970; the others are Instants, which compare as text.
 */
export const initial = `
-- moved_at_ms: when the watermark last moved on. gone_at_ms: since when the configuration no longer names the source;
-- null while it does.
CREATE TABLE source (
  id              INTEGER PRIMARY KEY,
  name            TEXT NOT NULL UNIQUE,
  watermark       TEXT,
  moved_at_ms     INTEGER,
  accepted        INTEGER NOT NULL DEFAULT 0,
  repeated        INTEGER NOT NULL DEFAULT 0,
  last_success_ms INTEGER,
  last_error      TEXT,
  gone_at_ms      INTEGER,
  histogram       TEXT,
  p999_ms         INTEGER,
  overlap_ms      INTEGER
) STRICT;

-- created_ms: when the object came into being, 0 where it does not say; keys of one time lie together, so that a run of
-- new ones goes into few pages, however many there are. remembered_at_ms: the later of the record's update time and of
-- its acceptance, rounded up; what forgetting goes by. position: where in the journal this state went, and so the order of an
-- id's states; null where it was dropped. tracked: what later states are compared with.
CREATE TABLE seen (
  source_id        INTEGER NOT NULL REFERENCES source (id),
  created_ms       INTEGER NOT NULL,
  id               TEXT NOT NULL,
  version          TEXT NOT NULL,
  remembered_at_ms INTEGER NOT NULL,
  position         INTEGER,
  tracked          TEXT,
  PRIMARY KEY (source_id, created_ms, id, version)
) STRICT, WITHOUT ROWID;
CREATE INDEX seen_by_time ON seen (source_id, remembered_at_ms);

-- A row is a block of records accepted together, with positions without gaps from first_position to position.
-- AUTOINCREMENT: a position is never used again, even when the last rows were deleted.
-- records: the block's content, compressed (store/block.ts).
-- checksum: CRC-32 of the row: SQLite itself would not see that it was written over.
CREATE TABLE journal (
  position       INTEGER PRIMARY KEY AUTOINCREMENT,
  first_position INTEGER NOT NULL,
  source_id      INTEGER NOT NULL REFERENCES source (id),
  accepted_at_ms INTEGER NOT NULL,
  checksum       INTEGER NOT NULL,
  records        BLOB NOT NULL
) STRICT;
CREATE INDEX journal_by_time ON journal (accepted_at_ms);

-- gone_at_ms: since when the configuration no longer names the sink; null while it does.
CREATE TABLE sink (
  name           TEXT PRIMARY KEY,
  journal_offset INTEGER NOT NULL,
  last_error     TEXT,
  gone_at_ms     INTEGER
) STRICT, WITHOUT ROWID;

-- Holds the whole entry, since the journal's row is deleted in its time.
CREATE TABLE dead_letter (
  sink           TEXT NOT NULL REFERENCES sink (name) ON DELETE CASCADE,
  position       INTEGER NOT NULL,
  source         TEXT NOT NULL,
  kind           TEXT NOT NULL,
  id             TEXT NOT NULL,
  version        TEXT NOT NULL,
  accepted_at_ms INTEGER NOT NULL,
  at_ms          INTEGER NOT NULL,
  reason         TEXT NOT NULL,
  earlier        TEXT,
  json           TEXT NOT NULL,
  UNIQUE (sink, position)
) STRICT;
CREATE INDEX dead_letter_by_time ON dead_letter (at_ms);

CREATE TABLE counter (
  name  TEXT PRIMARY KEY,
  value INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

-- Spans set aside. to_at is not included.
CREATE TABLE gap (
  source_id INTEGER NOT NULL REFERENCES source (id),
  from_at   TEXT NOT NULL,
  to_at     TEXT NOT NULL,
  reason    TEXT NOT NULL,
  since_ms  INTEGER NOT NULL,
  attempts  INTEGER NOT NULL,
  PRIMARY KEY (source_id, from_at, to_at)
) STRICT, WITHOUT ROWID;

CREATE TABLE audit (
  number    INTEGER PRIMARY KEY AUTOINCREMENT,
  source_id INTEGER NOT NULL REFERENCES source (id),
  from_at   TEXT NOT NULL,
  to_at     TEXT NOT NULL,
  expected  INTEGER NOT NULL,
  accepted  INTEGER NOT NULL,
  healed    INTEGER NOT NULL,
  at_ms     INTEGER NOT NULL
) STRICT;
CREATE INDEX audit_by_source ON audit (source_id);

-- keep_from: journal rows from this position on are not deleted before the job is over.
CREATE TABLE job (
  id            INTEGER PRIMARY KEY AUTOINCREMENT,
  kind          TEXT NOT NULL,
  spec          TEXT NOT NULL,
  cursor        TEXT,
  done          INTEGER NOT NULL DEFAULT 0,
  created_at_ms INTEGER NOT NULL,
  ended_at_ms   INTEGER,
  error         TEXT,
  keep_from     INTEGER
) STRICT;

-- Which process writes, for the message to the one that is refused; the lock itself is another file.
CREATE TABLE owner (
  only INTEGER PRIMARY KEY CHECK (only = 1),
  pid  INTEGER NOT NULL,
  host TEXT NOT NULL
) STRICT;
`;
