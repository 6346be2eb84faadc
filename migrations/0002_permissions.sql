-- Who sees a dataset (private, site, public), with whom it is shared, and when its metadata changed
-- (Unix milliseconds).
ALTER TABLE datasets ADD COLUMN scope TEXT NOT NULL DEFAULT 'private';
ALTER TABLE datasets ADD COLUMN shares TEXT NOT NULL DEFAULT '[]';
ALTER TABLE datasets ADD COLUMN metadata_updated_at INTEGER NOT NULL DEFAULT 0;
UPDATE datasets SET scope = CASE WHEN public THEN 'public' ELSE 'private' END, metadata_updated_at = created_at * 1000;
ALTER TABLE datasets DROP COLUMN public;
