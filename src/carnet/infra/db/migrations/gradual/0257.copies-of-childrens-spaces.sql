-- step
ALTER TABLE carnet.data_export ADD COLUMN IF NOT EXISTS delegation uuid, ADD COLUMN IF NOT EXISTS as_of timestamptz,
  ADD COLUMN IF NOT EXISTS standing bytea;
-- step
ALTER TABLE carnet.data_export DROP CONSTRAINT IF EXISTS data_export_standing, ADD CONSTRAINT data_export_standing
  CHECK (delegation IS NULL OR state <> 'ready' OR num_nonnulls(as_of, standing) = 2);
-- step
DROP INDEX CONCURRENTLY IF EXISTS carnet.data_export_one_each;
-- step
CREATE UNIQUE INDEX CONCURRENTLY data_export_one_each ON carnet.data_export (space_id, delegation) NULLS NOT DISTINCT
  WHERE state IN ('asked', 'making');
