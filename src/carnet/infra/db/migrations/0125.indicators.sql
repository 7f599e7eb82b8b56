-- What those who run the house may know of it: how many, never who. One role that nobody connects as may count rows of every
-- space, through three functions that return numbers; what is published is a table of numbers with the small ones left out.
SET LOCAL search_path = carnet;

DO $$
BEGIN
  IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = 'carnet_counter') THEN
    CREATE ROLE carnet_counter NOLOGIN NOSUPERUSER NOCREATEDB NOCREATEROLE NOBYPASSRLS;
    GRANT carnet_counter TO CURRENT_USER;
  END IF;
END $$;
GRANT USAGE ON SCHEMA carnet TO carnet_counter;

GRANT SELECT (space_id, opened_at, activated_at) ON space TO carnet_counter;
GRANT SELECT (space_id, state) ON authz TO carnet_counter;
GRANT SELECT (space_id, closed_at) ON space_ending TO carnet_counter;
GRANT SELECT (type_code, client_id, received_at) ON document TO carnet_counter;
GRANT SELECT (ins_digest, space_id) ON ins_index TO carnet_counter;
GRANT SELECT (ins_digest, state, since, notified_at, departement) ON enrolment TO carnet_counter;
GRANT SELECT (at, event, persons) ON enrolment_log TO carnet_counter;
GRANT SELECT (account_id, space_id) ON account TO carnet_counter;
GRANT SELECT (account_id, door, created_at) ON web_session TO carnet_counter;
GRANT SELECT (client_id, name) ON care_software TO carnet_counter;
CREATE POLICY counting ON space FOR SELECT TO carnet_counter USING (true);
CREATE POLICY counting ON authz FOR SELECT TO carnet_counter USING (true);
CREATE POLICY counting ON space_ending FOR SELECT TO carnet_counter USING (true);
CREATE POLICY counting ON document FOR SELECT TO carnet_counter USING (true);

-- How many were told, opened, activated, objected, closed in a time, by département ('' when the campaign knows none)
CREATE FUNCTION count_life(since_ timestamptz, until_ timestamptz)
RETURNS TABLE (series text, departement text, number bigint)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = carnet
AS $$
  SELECT 'notified', e.departement, count(*) FROM enrolment e
  WHERE e.notified_at >= since_ AND e.notified_at < until_ GROUP BY 2
  UNION ALL
  SELECT 'opened', e.departement, count(*) FROM enrolment e
  WHERE e.state = 'OPEN' AND e.since >= since_ AND e.since < until_ GROUP BY 2
  UNION ALL
  SELECT 'opened', '', count(*) FROM space s JOIN ins_index i USING (space_id) LEFT JOIN enrolment e USING (ins_digest)
  WHERE e.ins_digest IS NULL AND s.opened_at >= since_ AND s.opened_at < until_ HAVING count(*) > 0
  UNION ALL
  SELECT 'activated', coalesce(e.departement, ''), count(*)
  FROM space s JOIN ins_index i USING (space_id) LEFT JOIN enrolment e USING (ins_digest)
  WHERE s.activated_at >= since_ AND s.activated_at < until_ GROUP BY 2
  UNION ALL
  SELECT 'opposed', coalesce(e.departement, ''), count(*)
  FROM enrolment_log l CROSS JOIN unnest(l.persons) AS p (digest) LEFT JOIN enrolment e ON e.ins_digest = p.digest
  WHERE l.event = 'object' AND l.at >= since_ AND l.at < until_ GROUP BY 2
  UNION ALL
  SELECT 'closed', coalesce(e.departement, ''), count(*)
  FROM space_ending s JOIN ins_index i USING (space_id) LEFT JOIN enrolment e USING (ins_digest)
  WHERE s.closed_at >= since_ AND s.closed_at < until_ GROUP BY 2
$$;

-- How many documents came in a time, by type and by the software that sent them ('' for people themselves)
CREATE FUNCTION count_documents(since_ timestamptz, until_ timestamptz)
RETURNS TABLE (type_code text, software text, number bigint)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = carnet
AS $$
  SELECT d.type_code, coalesce(c.name, ''), count(*) FROM document d LEFT JOIN care_software c USING (client_id)
  WHERE d.received_at >= since_ AND d.received_at < until_ GROUP BY 1, 2
$$;

-- Of the spaces open at its end: how many had their holder in a time, and how many on two days or more
CREATE FUNCTION count_visits(since_ timestamptz, until_ timestamptz, zone text)
RETURNS TABLE (series text, number bigint)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = carnet
AS $$
  WITH days AS (
    SELECT a.space_id, count(DISTINCT (w.created_at AT TIME ZONE zone)::date) AS days
    FROM web_session w JOIN account a USING (account_id)
    WHERE w.door = 'portal' AND a.space_id IS NOT NULL AND w.created_at >= since_ AND w.created_at < until_ GROUP BY 1
  )
  SELECT 'spaces', count(*) FROM authz WHERE state IN ('OPEN', 'ACTIVE')
  UNION ALL SELECT 'came', count(*) FROM days
  UNION ALL SELECT 'came-back', count(*) FROM days WHERE days.days > 1
$$;

DO $$
DECLARE counting text;
BEGIN
  GRANT CREATE ON SCHEMA carnet TO carnet_counter;
  FOREACH counting IN ARRAY ARRAY['count_life(timestamptz, timestamptz)', 'count_documents(timestamptz, timestamptz)',
      'count_visits(timestamptz, timestamptz, text)'] LOOP
    EXECUTE format('ALTER FUNCTION %s OWNER TO carnet_counter', counting);
    EXECUTE format('REVOKE ALL ON FUNCTION %s FROM PUBLIC', counting);
    EXECUTE format('GRANT EXECUTE ON FUNCTION %s TO carnet_batch', counting);
  END LOOP;
  REVOKE CREATE ON SCHEMA carnet FROM carnet_counter;
END $$;

-- What is published: value NULL is a number kept back because it, or what can be worked out from it, is small.
CREATE TABLE indicator (
  series text NOT NULL,
  period date NOT NULL,
  row_key text NOT NULL,
  column_key text NOT NULL,
  value bigint,
  counted_at timestamptz NOT NULL,
  PRIMARY KEY (series, period, row_key, column_key)
);
COMMENT ON TABLE indicator IS 'pii: none (counts of 11 and more) | retention: permanent | basis: L1111-13-1 CSP (steering); statistical secrecy';
GRANT SELECT ON indicator TO carnet_app;
GRANT SELECT, INSERT ON indicator TO carnet_batch;
