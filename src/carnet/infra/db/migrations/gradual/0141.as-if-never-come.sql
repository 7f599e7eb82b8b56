-- step
ALTER TABLE carnet.document ADD COLUMN IF NOT EXISTS superseded_at timestamptz,
  ADD COLUMN IF NOT EXISTS touched_at timestamptz;
ALTER TABLE carnet.document NO FORCE ROW LEVEL SECURITY;
-- step by space
UPDATE carnet.document d SET superseded_at = n.received_at,
  touched_at = CASE WHEN d.changed_at = n.received_at THEN d.received_at END
FROM carnet.document n
WHERE d.space_id = ANY(%(spaces)s) AND d.status = 'superseded' AND d.superseded_at IS NULL
  AND n.space_id = d.space_id AND n.logical_id = d.logical_id AND n.version = d.version + 1;
-- step
ALTER TABLE carnet.document FORCE ROW LEVEL SECURITY;
