-- step
ALTER TABLE carnet.authorisation ADD COLUMN IF NOT EXISTS by_delegate boolean NOT NULL DEFAULT true;
-- step
ALTER TABLE carnet.authorisation ALTER COLUMN by_delegate SET DEFAULT false;
-- step
DROP INDEX CONCURRENTLY IF EXISTS carnet.authorisation_one_open_by_side;
-- step
CREATE UNIQUE INDEX CONCURRENTLY authorisation_one_open_by_side ON carnet.authorisation
  (space_id, effect, coalesce(rpps, ''), coalesce(finess, ''), coalesce(team_id::text, ''),
   coalesce(shared_finess, ''), coalesce(shared_team::text, ''), secret, (effect = 'block' AND by_delegate))
  WHERE ended_at IS NULL;
