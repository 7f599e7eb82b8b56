-- Professionals' mailboxes of the trust space, as the public health directory publishes them.
SET LOCAL search_path = carnet;

CREATE TABLE mss_mailbox (
  address text PRIMARY KEY CHECK (address = lower(address) AND position('@' IN address) > 1),
  kind text NOT NULL CHECK (kind IN ('PER', 'ORG', 'APP', 'CAB')),
  rpps text REFERENCES professional,
  finess text REFERENCES care_organisation,
  label text,
  red_list boolean NOT NULL DEFAULT false,
  status text NOT NULL DEFAULT 'active' CHECK (status IN ('active', 'ended')),
  CONSTRAINT whose_it_is CHECK (CASE kind WHEN 'PER' THEN rpps IS NOT NULL ELSE num_nonnulls(rpps, finess) > 0 END)
);
COMMENT ON TABLE mss_mailbox IS 'pii: professional contact details (public health directory) | retention: while listed | basis: public register (MSSante directory)';
CREATE INDEX mss_mailbox_rpps ON mss_mailbox (rpps);
CREATE INDEX mss_mailbox_finess ON mss_mailbox (finess);
INSERT INTO mss_mailbox (address, kind, rpps)
SELECT lower(email), 'PER', min(rpps) FROM professional WHERE position('@' IN email) > 1 GROUP BY lower(email) HAVING count(*) = 1;
GRANT SELECT, INSERT, UPDATE ON mss_mailbox TO carnet_app;
GRANT SELECT ON mss_mailbox TO carnet_batch;
