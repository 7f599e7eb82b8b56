-- A version whose successor a reader may not know of is, to them, as it was before that successor came: its row says
-- when it was replaced, and when it was last changed otherwise (null: its last change was no replacement).
SET LOCAL search_path = carnet;

ALTER TABLE document ADD COLUMN superseded_at timestamptz, ADD COLUMN touched_at timestamptz;
-- The owner is bound by row security too, and no policy is for it: without this it would see no row and change none.
ALTER TABLE document NO FORCE ROW LEVEL SECURITY;
UPDATE document d SET superseded_at = n.received_at,
  touched_at = CASE WHEN d.changed_at = n.received_at THEN d.received_at END
FROM document n
WHERE d.status = 'superseded' AND n.space_id = d.space_id AND n.logical_id = d.logical_id AND n.version = d.version + 1;
ALTER TABLE document FORCE ROW LEVEL SECURITY;
