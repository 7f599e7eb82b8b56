-- A line says whether who represents the person wrote it: they are told of no block the person wrote themselves. Of those
-- there were, they were told: they stay in sight. One block a side: what one side lifts is not the other's.
SET LOCAL search_path = carnet;

ALTER TABLE authorisation ADD COLUMN by_delegate boolean NOT NULL DEFAULT true;
ALTER TABLE authorisation ALTER COLUMN by_delegate SET DEFAULT false;

DROP INDEX authorisation_one_open;
CREATE UNIQUE INDEX authorisation_one_open ON authorisation
  (space_id, effect, coalesce(rpps, ''), coalesce(finess, ''), coalesce(team_id::text, ''),
   coalesce(shared_finess, ''), coalesce(shared_team::text, ''), secret, (effect = 'block' AND by_delegate))
  WHERE ended_at IS NULL;
