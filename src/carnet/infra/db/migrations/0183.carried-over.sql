-- What an earlier record (DMP) held, carried over into the space its person has now (R1111-40 CSP).
SET LOCAL search_path = carnet;

-- Said to the person beside the document; and no news, nor a document fed this month.
ALTER TABLE document ADD COLUMN carried boolean NOT NULL DEFAULT false;

-- Archives that went in whole: a run goes on after the last one, and a second run does nothing. A keyed digest of the file.
CREATE TABLE carried_archive (
  archive_digest bytea PRIMARY KEY CHECK (length(archive_digest) = 32),
  ended_at timestamptz NOT NULL,
  documents integer NOT NULL
);
COMMENT ON TABLE carried_archive IS 'pii: none (keyed digest of a file, a count) | retention: 10 years | basis: R1111-40 CSP (proof of what was carried over)';
GRANT SELECT, INSERT ON carried_archive TO carnet_app;

GRANT SELECT (carried) ON document TO carnet_counter;
GRANT CREATE ON SCHEMA carnet TO carnet_counter;
SET LOCAL ROLE carnet_counter;
-- How many documents came in a time, by type and by the software that sent them ('' for people themselves)
CREATE OR REPLACE FUNCTION count_documents(since_ timestamptz, until_ timestamptz)
RETURNS TABLE (type_code text, software text, number bigint)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = carnet
AS $$
  SELECT d.type_code, coalesce(c.name, ''), count(*) FROM document d LEFT JOIN care_software c USING (client_id)
  WHERE d.received_at >= since_ AND d.received_at < until_ AND NOT d.carried GROUP BY 1, 2
$$;
RESET ROLE;
REVOKE CREATE ON SCHEMA carnet FROM carnet_counter;
