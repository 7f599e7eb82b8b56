-- What makes the professional's pages theirs: when they were last in a space, and what they want to see first.
SET LOCAL search_path = carnet;

CREATE TABLE professional_visit (
  space_id uuid NOT NULL,
  rpps text NOT NULL,
  last_seen_at timestamptz NOT NULL,
  previous_at timestamptz,
  PRIMARY KEY (space_id, rpps)
);
COMMENT ON TABLE professional_visit IS 'pii: when a professional last looked (the journal says it too) | retention: life of the space | basis: R1111-46 CSP; service to the professional';
ALTER TABLE professional_visit ENABLE ROW LEVEL SECURITY;
ALTER TABLE professional_visit FORCE ROW LEVEL SECURITY;
CREATE POLICY one_space ON professional_visit TO carnet_app USING (space_id = carnet.this_space()) WITH CHECK (space_id = carnet.this_space());
GRANT SELECT, INSERT, UPDATE ON professional_visit TO carnet_app;

CREATE TABLE professional_preference (
  rpps text PRIMARY KEY,
  first_categories text[] NOT NULL DEFAULT '{}',
  shortcuts boolean NOT NULL DEFAULT true,
  changed_at timestamptz NOT NULL
);
COMMENT ON TABLE professional_preference IS 'pii: how a professional likes their pages | retention: until changed, or the professional leaves the directory | basis: service to the professional';
GRANT SELECT, INSERT, UPDATE ON professional_preference TO carnet_app;
