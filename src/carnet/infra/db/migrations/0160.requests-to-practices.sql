-- What a mailbox of the trust space accepts from persons, and how many requests each person made.
SET LOCAL search_path = carnet;

-- What a practice says of its own mailbox: public, about no person.
CREATE TABLE mailbox_rules (
  address text PRIMARY KEY REFERENCES mss_mailbox,
  rules jsonb NOT NULL,
  way text NOT NULL CHECK (way IN ('page', 'fhir', 'mail')),
  set_at timestamptz NOT NULL
);
COMMENT ON TABLE mailbox_rules IS 'pii: none of persons (what a professional mailbox accepts, said by itself) | retention: until changed, while the mailbox is listed | basis: R1111-39 CSP';
GRANT SELECT, INSERT, UPDATE, DELETE ON mailbox_rules TO carnet_app;

-- How many requests this person made to a mailbox since the period in force began; one row a mailbox, counted anew.
CREATE TABLE practice_request (
  space_id uuid NOT NULL,
  contact_digest bytea NOT NULL,
  since date NOT NULL,
  used integer NOT NULL CHECK (used >= 0),
  PRIMARY KEY (space_id, contact_digest)
);
COMMENT ON TABLE practice_request IS 'pii: how often the person asked somebody, by keyed digest | retention: life of the space | basis: R1111-39 CSP';
ALTER TABLE practice_request ENABLE ROW LEVEL SECURITY;
ALTER TABLE practice_request FORCE ROW LEVEL SECURITY;
CREATE POLICY one_space ON practice_request TO carnet_app USING (space_id = this_space()) WITH CHECK (space_id = this_space());
GRANT SELECT, INSERT, UPDATE ON practice_request TO carnet_app;
