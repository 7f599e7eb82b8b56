-- A minor's secret consent is a line of its own: were it one with a line their parents know, what they write would change or hide it.
SET LOCAL search_path = carnet;

DROP INDEX authorisation_one_open;
CREATE UNIQUE INDEX authorisation_one_open ON authorisation
  (space_id, effect, coalesce(rpps, ''), coalesce(finess, ''), coalesce(team_id::text, ''),
   coalesce(shared_finess, ''), coalesce(shared_team::text, ''), secret) WHERE ended_at IS NULL;
