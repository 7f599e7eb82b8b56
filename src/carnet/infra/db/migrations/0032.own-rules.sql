-- The person's own finer rules: who may not (or who alone may) see what, and what stays out of the simple session.
SET LOCAL search_path = carnet;

-- One row is one wish: it hides what it covers from those it names, or from everybody it does not name.
CREATE TABLE access_restriction (
  space_id uuid NOT NULL,
  restriction_id uuid NOT NULL,
  effect text NOT NULL CHECK (effect IN ('hide', 'only')),
  logical_id uuid,
  category text,
  received_from timestamptz,
  everyone boolean NOT NULL DEFAULT false,
  rpps text[] NOT NULL DEFAULT '{}',
  professions text[] NOT NULL DEFAULT '{}',
  finess text[] NOT NULL DEFAULT '{}',
  starts_at timestamptz NOT NULL,
  ends_at timestamptz,
  ended_at timestamptz,
  recorded_by text NOT NULL,
  PRIMARY KEY (space_id, restriction_id),
  CONSTRAINT one_thing_is_covered CHECK (num_nonnulls(logical_id, category, received_from) <= 1),
  CONSTRAINT somebody_is_named CHECK (
    everyone <> (cardinality(rpps) + cardinality(professions) + cardinality(finess) > 0) AND NOT (everyone AND effect = 'only')),
  CHECK (ends_at > starts_at)
);
COMMENT ON TABLE access_restriction IS 'pii: from whom the person keeps what | retention: life of the space + 10 years | basis: R1111-49, L1111-19 CSP';

CREATE TABLE safeguarded_document (
  space_id uuid NOT NULL,
  logical_id uuid NOT NULL,
  marked_at timestamptz NOT NULL,
  PRIMARY KEY (space_id, logical_id)
);
COMMENT ON TABLE safeguarded_document IS 'pii: what the person keeps out of the simple session | retention: life of the space | basis: R1111-49 CSP (wish of the person)';

DO $$
DECLARE bound text;
BEGIN
  FOREACH bound IN ARRAY ARRAY['access_restriction', 'safeguarded_document'] LOOP
    EXECUTE format('ALTER TABLE carnet.%s ENABLE ROW LEVEL SECURITY', bound);
    EXECUTE format('ALTER TABLE carnet.%s FORCE ROW LEVEL SECURITY', bound);
    EXECUTE format('CREATE POLICY one_space ON carnet.%s TO carnet_app USING (space_id = carnet.this_space()) WITH CHECK (space_id = carnet.this_space())', bound);
  END LOOP;
END $$;
GRANT SELECT, INSERT, UPDATE ON access_restriction TO carnet_app;
GRANT SELECT, INSERT, DELETE ON safeguarded_document TO carnet_app;
