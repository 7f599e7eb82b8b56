-- step
ALTER TABLE carnet.desk_ticket ADD COLUMN IF NOT EXISTS by_delegate boolean NOT NULL DEFAULT false;
-- step
DROP INDEX CONCURRENTLY IF EXISTS carnet.desk_ticket_one_by_side;
-- step
CREATE UNIQUE INDEX CONCURRENTLY desk_ticket_one_by_side ON carnet.desk_ticket (ins_digest, desk, script, by_delegate)
  WHERE closed_at IS NULL;
