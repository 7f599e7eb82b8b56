-- The one door into the journal. Takes a JSON array of entries (several spaces at once, so that the entries of
-- concurrent requests share one commit), gives each space gap-free numbers, and can do nothing else.
SET LOCAL search_path = carnet;

CREATE FUNCTION journal_append(entries jsonb) RETURNS TABLE (space_id uuid, seq bigint)
LANGUAGE sql SECURITY DEFINER SET search_path = carnet
AS $$
  WITH given AS (
    SELECT (e.value ->> 'space_id')::uuid AS space_id, e.value AS entry, e.ordinality AS place
    FROM jsonb_array_elements(entries) WITH ORDINALITY AS e
  ), heads AS (
    INSERT INTO journal_head AS head (space_id, seq)
    SELECT g.space_id, count(*) FROM given g GROUP BY g.space_id ORDER BY g.space_id
    ON CONFLICT (space_id) DO UPDATE SET seq = head.seq + excluded.seq
    RETURNING head.space_id, head.seq
  ), numbered AS (
    SELECT g.space_id, g.entry, g.place,
           h.seq - count(*) OVER (PARTITION BY g.space_id) + row_number() OVER (PARTITION BY g.space_id ORDER BY g.place) AS seq
    FROM given g JOIN heads h USING (space_id)
  ), written AS (
  INSERT INTO journal_entry (space_id, seq, at, act, outcome, reason, ground, actor_kind, actor_id, actor_name, profession,
    organisation, organisation_name, client_id, client_name, on_behalf_of, session, document_ids, details)
  SELECT n.space_id, n.seq, (entry ->> 'at')::timestamptz, entry ->> 'act', entry ->> 'outcome', entry ->> 'reason',
    entry ->> 'ground', entry ->> 'actor_kind', entry ->> 'actor_id', entry ->> 'actor_name', entry ->> 'profession',
    entry ->> 'organisation', entry ->> 'organisation_name', entry ->> 'client_id', entry ->> 'client_name',
    entry ->> 'on_behalf_of', entry ->> 'session',
    coalesce((SELECT array_agg(d::uuid) FROM jsonb_array_elements_text(entry -> 'document_ids') AS d), '{}'),
    coalesce(entry -> 'details', '{}')
  FROM numbered n
  )
  SELECT n.space_id, n.seq FROM numbered n ORDER BY n.place
$$;
GRANT CREATE ON SCHEMA carnet TO carnet_journal;
ALTER FUNCTION journal_append(jsonb) OWNER TO carnet_journal;
REVOKE CREATE ON SCHEMA carnet FROM carnet_journal;
REVOKE ALL ON FUNCTION journal_append(jsonb) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION journal_append(jsonb) TO carnet_app, carnet_batch;

CREATE FUNCTION refuse_rewriting() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  RAISE EXCEPTION 'the journal is append-only' USING ERRCODE = 'insufficient_privilege';
END $$;
CREATE TRIGGER append_only BEFORE UPDATE OR DELETE ON journal_entry FOR EACH ROW EXECUTE FUNCTION refuse_rewriting();
CREATE TRIGGER append_only_truncate BEFORE TRUNCATE ON journal_entry FOR EACH STATEMENT EXECUTE FUNCTION refuse_rewriting();
CREATE TRIGGER append_only BEFORE UPDATE ON security_entry FOR EACH ROW EXECUTE FUNCTION refuse_rewriting();
