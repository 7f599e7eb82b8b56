-- Who represents a child has their copy prepared and kept as the person's own is, one at a time each (decision 0257).
-- delegation: on which row they rest, none for the person; as_of, standing: of when it is, and a digest of what it held.
SET LOCAL search_path = carnet;

ALTER TABLE data_export ADD COLUMN delegation uuid, ADD COLUMN as_of timestamptz, ADD COLUMN standing bytea,
  ADD CONSTRAINT data_export_standing CHECK (delegation IS NULL OR state <> 'ready' OR num_nonnulls(as_of, standing) = 2);
DROP INDEX data_export_one;
CREATE UNIQUE INDEX data_export_one ON data_export (space_id, delegation) NULLS NOT DISTINCT
  WHERE state IN ('asked', 'making');
