-- The catalogue: which datasets there are and what their tables d<number> hold in c<number>.
CREATE TABLE datasets (
  number          INTEGER PRIMARY KEY,
  id              TEXT NOT NULL UNIQUE,
  resource_name   TEXT UNIQUE,
  name            TEXT NOT NULL,
  public          INTEGER NOT NULL,
  stage           TEXT NOT NULL,
  copy_of         TEXT,
  owner           TEXT,
  created_at      INTEGER NOT NULL,
  rows_updated_at INTEGER NOT NULL,
  data_version    INTEGER NOT NULL,
  schema_version  INTEGER NOT NULL,
  next_number     INTEGER NOT NULL,
  id_key          BLOB NOT NULL,
  row_identifier  INTEGER,
  extra           TEXT NOT NULL
);
CREATE TABLE columns (
  dataset        INTEGER NOT NULL REFERENCES datasets(number) ON DELETE CASCADE,
  number         INTEGER NOT NULL,
  position       INTEGER NOT NULL,
  id             INTEGER NOT NULL,
  field_name     TEXT NOT NULL,
  name           TEXT NOT NULL,
  data_type_name TEXT NOT NULL,
  extra          TEXT NOT NULL,
  PRIMARY KEY (dataset, number)
) WITHOUT ROWID;
CREATE TABLE settings (name TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID;
