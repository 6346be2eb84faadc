-- Publishing by revision. Ids of all objects come from one counter, `settings.last_publishing_id`.
-- `body` is the object as JSON; the other columns say where it belongs.
CREATE TABLE revisions (
  id      INTEGER PRIMARY KEY,
  dataset INTEGER NOT NULL,
  seq     INTEGER NOT NULL,
  body    TEXT NOT NULL,
  UNIQUE (dataset, seq)
);
CREATE TABLE task_sets (
  id       INTEGER PRIMARY KEY,
  revision INTEGER NOT NULL REFERENCES revisions(id) ON DELETE CASCADE,
  body     TEXT NOT NULL
);
CREATE INDEX task_sets_of_revision ON task_sets(revision);
CREATE TABLE sources (
  id       INTEGER PRIMARY KEY,
  -- None as long as it belongs to no revision.
  revision INTEGER REFERENCES revisions(id) ON DELETE CASCADE,
  body     TEXT NOT NULL
);
CREATE INDEX sources_of_revision ON sources(revision);
CREATE TABLE input_schemas (
  id     INTEGER PRIMARY KEY,
  source INTEGER NOT NULL REFERENCES sources(id) ON DELETE CASCADE,
  body   TEXT NOT NULL
);
CREATE INDEX input_schemas_of_source ON input_schemas(source);
CREATE TABLE output_schemas (
  id           INTEGER PRIMARY KEY,
  input_schema INTEGER NOT NULL REFERENCES input_schemas(id) ON DELETE CASCADE,
  body         TEXT NOT NULL
);
CREATE INDEX output_schemas_of_input ON output_schemas(input_schema);
CREATE TABLE import_configs (
  id   INTEGER PRIMARY KEY,
  name TEXT NOT NULL UNIQUE,
  body TEXT NOT NULL
);
-- Bytes that were uploaded. A content is complete or still arrives in chunks; a chunk is a sequence of
-- pieces of one size, but for the last. Several sources may have one content.
CREATE TABLE contents (
  id       INTEGER PRIMARY KEY,
  length   INTEGER NOT NULL,
  complete INTEGER NOT NULL
);
CREATE TABLE content_chunks (
  chunk   INTEGER PRIMARY KEY,
  content INTEGER NOT NULL REFERENCES contents(id) ON DELETE CASCADE,
  seq     INTEGER NOT NULL,
  -- None as long as its bytes are on their way.
  length  INTEGER
);
CREATE INDEX chunks_of_content ON content_chunks(content, seq);
CREATE TABLE content_pieces (
  chunk  INTEGER NOT NULL REFERENCES content_chunks(chunk) ON DELETE CASCADE,
  number INTEGER NOT NULL,
  bytes  BLOB NOT NULL,
  PRIMARY KEY (chunk, number)
);
CREATE TABLE attachments (
  id      TEXT PRIMARY KEY,
  dataset INTEGER NOT NULL,
  content INTEGER NOT NULL REFERENCES contents(id),
  body    TEXT NOT NULL
);
-- Datasets whose state after each revision is kept, to be restored.
CREATE TABLE archived_datasets (
  dataset INTEGER PRIMARY KEY
);
-- When the file of a dataset is to be fetched again; kept and shown, never run.
CREATE TABLE schedules (
  id      INTEGER PRIMARY KEY,
  dataset INTEGER NOT NULL UNIQUE,
  body    TEXT NOT NULL
);
