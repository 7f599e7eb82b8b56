-- Authorisations complete: care teams, consents that are shared or lapse, codes of the strong mode, disputes.
SET LOCAL search_path = carnet;

CREATE TABLE care_team (
  space_id uuid NOT NULL,
  team_id uuid NOT NULL,
  name_enc bytea NOT NULL,
  recorded_at timestamptz NOT NULL,
  ended_at timestamptz,
  PRIMARY KEY (space_id, team_id)
);
COMMENT ON TABLE care_team IS 'pii: a team the person recorded (name sealed) | retention: life of the space + 10 years | basis: L1110-12 CSP';

CREATE TABLE care_team_member (
  space_id uuid NOT NULL,
  team_id uuid NOT NULL,
  rpps text REFERENCES professional,
  finess text REFERENCES care_organisation,
  member text NOT NULL GENERATED ALWAYS AS (coalesce(rpps, finess)) STORED,
  added_at timestamptz NOT NULL,
  PRIMARY KEY (space_id, team_id, member),
  FOREIGN KEY (space_id, team_id) REFERENCES care_team,
  CONSTRAINT member_is_in_the_health_directory CHECK (num_nonnulls(rpps, finess) = 1)
);
COMMENT ON TABLE care_team_member IS 'pii: who belongs to a team of the person | retention: life of the space + 10 years | basis: L1110-12 CSP';

-- shared_finess, shared_team: an informed consent that the other members of the care team inherit (CE 15-10-2025, 490409).
ALTER TABLE authorisation
  ADD COLUMN team_id uuid,
  ADD COLUMN shared_finess text REFERENCES care_organisation,
  ADD COLUMN shared_team uuid,
  ADD FOREIGN KEY (space_id, team_id) REFERENCES care_team,
  ADD FOREIGN KEY (space_id, shared_team) REFERENCES care_team,
  DROP CONSTRAINT grantee_is_in_the_health_directory,
  ADD CONSTRAINT grantee_is_in_the_health_directory CHECK (num_nonnulls(rpps, finess, team_id) = 1),
  ADD CONSTRAINT only_a_consent_is_shared CHECK (num_nonnulls(shared_finess, shared_team) = 0
    OR (effect = 'permit' AND rpps IS NOT NULL AND origin = 'professional' AND NOT is_administrator)),
  ADD CONSTRAINT a_team_is_let_in CHECK (team_id IS NULL OR effect = 'permit');
DROP INDEX authorisation_one_open;
CREATE UNIQUE INDEX authorisation_one_open ON authorisation
  (space_id, effect, coalesce(rpps, ''), coalesce(finess, ''), coalesce(team_id::text, ''),
   coalesce(shared_finess, ''), coalesce(shared_team::text, '')) WHERE ended_at IS NULL;

-- The first access of each professional under a line that names more than one.
CREATE TABLE authorisation_use (
  space_id uuid NOT NULL,
  authorisation_id uuid NOT NULL,
  rpps text NOT NULL REFERENCES professional,
  first_used_at timestamptz NOT NULL,
  PRIMARY KEY (space_id, authorisation_id, rpps),
  FOREIGN KEY (space_id, authorisation_id) REFERENCES authorisation
);
COMMENT ON TABLE authorisation_use IS 'pii: who came in under which authorisation | retention: life of the space + 10 years | basis: L1111-19 CSP';

CREATE TABLE consent_code (
  space_id uuid NOT NULL,
  code_id uuid NOT NULL,
  digest bytea NOT NULL,
  made_at timestamptz NOT NULL,
  expires_at timestamptz NOT NULL,
  tries integer NOT NULL DEFAULT 0,
  used_at timestamptz,
  PRIMARY KEY (space_id, code_id)
);
COMMENT ON TABLE consent_code IS 'pii: none (keyed digest of a one-time code) | retention: minutes | basis: R1111-46 CSP (proof of consent)';

CREATE TABLE access_dispute (
  space_id uuid NOT NULL,
  case_id uuid NOT NULL,
  rpps text NOT NULL REFERENCES professional,
  statement_enc bytea,
  opened_at timestamptz NOT NULL,
  due_at timestamptz NOT NULL,
  closed_at timestamptz,
  outcome text,
  PRIMARY KEY (space_id, case_id)
);
COMMENT ON TABLE access_dispute IS 'pii: an access the person does not know (statement sealed) | retention: life of the space + 10 years | basis: L1111-19 CSP';
CREATE UNIQUE INDEX access_dispute_one ON access_dispute (space_id, rpps) WHERE closed_at IS NULL;

CREATE TABLE attending_doctor (
  space_id uuid PRIMARY KEY,
  rpps text NOT NULL REFERENCES professional,
  declared_at timestamptz NOT NULL
);
COMMENT ON TABLE attending_doctor IS 'pii: the attending doctor | retention: life of the space | basis: R1111-27, R1111-48 CSP';

DO $$
DECLARE bound text;
BEGIN
  FOREACH bound IN ARRAY ARRAY['care_team', 'care_team_member', 'authorisation_use', 'consent_code', 'access_dispute',
      'attending_doctor'] LOOP
    EXECUTE format('ALTER TABLE carnet.%s ENABLE ROW LEVEL SECURITY', bound);
    EXECUTE format('ALTER TABLE carnet.%s FORCE ROW LEVEL SECURITY', bound);
    EXECUTE format('CREATE POLICY one_space ON carnet.%s TO carnet_app USING (space_id = carnet.this_space()) WITH CHECK (space_id = carnet.this_space())', bound);
  END LOOP;
END $$;
GRANT SELECT, INSERT, UPDATE ON care_team, access_dispute, consent_code TO carnet_app;
GRANT SELECT, INSERT ON authorisation_use TO carnet_app;
GRANT SELECT, INSERT, DELETE ON care_team_member TO carnet_app;
GRANT SELECT, INSERT, UPDATE, DELETE ON attending_doctor TO carnet_app;
CREATE POLICY batch_retention ON consent_code TO carnet_batch USING (true);
GRANT SELECT (expires_at), DELETE ON consent_code TO carnet_batch;
