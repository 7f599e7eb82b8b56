-- step
DROP INDEX CONCURRENTLY IF EXISTS carnet.authorisation_one_open_apart;
-- step
CREATE UNIQUE INDEX CONCURRENTLY authorisation_one_open_apart ON carnet.authorisation
  (space_id, effect, coalesce(rpps, ''), coalesce(finess, ''), coalesce(team_id::text, ''),
   coalesce(shared_finess, ''), coalesce(shared_team::text, ''), secret) WHERE ended_at IS NULL;
-- step
DROP INDEX carnet.authorisation_one_open;
ALTER INDEX carnet.authorisation_one_open_apart RENAME TO authorisation_one_open;
