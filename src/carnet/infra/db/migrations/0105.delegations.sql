-- Who acts for whom: legal representatives and carers. The row in the person's space is the truth, read again in the
-- transaction of every act; the index lets somebody find the spaces they may act in, and nobody else's.
SET LOCAL search_path = carnet;

CREATE FUNCTION this_delegate() RETURNS bytea LANGUAGE sql STABLE PARALLEL SAFE
  RETURN decode(nullif(current_setting('carnet.delegate', true), ''), 'hex');

-- delegate: keyed digest of who acts, made for this space only: two spaces of one carer do not look alike.
CREATE TABLE delegation (
  space_id uuid NOT NULL,
  delegation_id uuid NOT NULL,
  delegate bytea NOT NULL CHECK (length(delegate) = 32),
  kind text NOT NULL CHECK (kind IN ('representative', 'carer')),
  basis text NOT NULL CHECK (basis IN ('parental', 'tutelle', 'curatelle', 'habilitation', 'chosen')),
  origin text NOT NULL CHECK (origin IN ('insurer', 'invitation', 'desk')),
  person_enc bytea NOT NULL,
  purpose text NOT NULL DEFAULT '',
  withheld text[] NOT NULL DEFAULT '{}',
  recorded_by text NOT NULL,
  recorded_at timestamptz NOT NULL,
  answer_by timestamptz,
  accepted_at timestamptz,
  refused_at timestamptz,
  starts_at timestamptz NOT NULL,
  ends_at timestamptz NOT NULL,
  ended_at timestamptz,
  ended_by text CHECK (ended_by IN ('person', 'delegate', 'representative', 'insurer', 'desk')),
  discreet_from timestamptz,
  looks_only_from timestamptz,
  reminded_at timestamptz,
  PRIMARY KEY (space_id, delegation_id),
  CONSTRAINT every_delegation_ends CHECK (ends_at > starts_at),
  CONSTRAINT carers_are_chosen CHECK ((kind = 'carer') = (basis = 'chosen')),
  CHECK (origin = 'invitation' OR accepted_at IS NOT NULL),
  CHECK (accepted_at IS NULL OR refused_at IS NULL)
);
COMMENT ON TABLE delegation IS 'pii: who acts for this person, from when to when (name and proof sealed) | retention: life of the space + 10 years | basis: L1111-13-1, L1111-18, L1111-5 CSP; art. 371-1, 425, 459 code civil';
CREATE UNIQUE INDEX delegation_one ON delegation (space_id, delegate, kind) WHERE ended_at IS NULL AND refused_at IS NULL;

-- delegate: keyed digest of who may act, the same everywhere, and never beside a space; place: where, sealed.
CREATE TABLE delegate_place (
  delegate bytea NOT NULL CHECK (length(delegate) = 32),
  place_id bytea NOT NULL,
  kind text NOT NULL CHECK (kind IN ('representative', 'carer', 'named')),
  place_enc bytea NOT NULL,
  taken boolean NOT NULL DEFAULT false,
  until timestamptz NOT NULL,
  PRIMARY KEY (delegate, place_id)
);
COMMENT ON TABLE delegate_place IS 'pii: that somebody (keyed digest) acts for somebody (sealed) | retention: until the delegation ends | basis: L1111-13-1 CSP';
CREATE INDEX delegate_place_over ON delegate_place (until);

ALTER TABLE delegation ENABLE ROW LEVEL SECURITY;
ALTER TABLE delegation FORCE ROW LEVEL SECURITY;
CREATE POLICY one_space ON delegation TO carnet_app USING (space_id = this_space()) WITH CHECK (space_id = this_space());
ALTER TABLE delegate_place ENABLE ROW LEVEL SECURITY;
ALTER TABLE delegate_place FORCE ROW LEVEL SECURITY;
CREATE POLICY one_delegate ON delegate_place TO carnet_app USING (delegate = this_delegate()) WITH CHECK (delegate = this_delegate());
CREATE POLICY batch_places ON delegate_place TO carnet_batch USING (true) WITH CHECK (true);
GRANT SELECT, INSERT, UPDATE ON delegation TO carnet_app;
GRANT SELECT, INSERT, UPDATE, DELETE ON delegate_place TO carnet_app;
GRANT SELECT (delegate, place_id, kind, until), INSERT, DELETE ON delegate_place TO carnet_batch;
-- What the daily reminders look through: dates only.
CREATE POLICY batch_ends ON delegation TO carnet_batch USING (true);
GRANT SELECT (space_id, delegation_id, kind, basis, accepted_at, ends_at, ended_at, reminded_at), UPDATE (reminded_at) ON delegation TO carnet_batch;
CREATE INDEX delegation_ending ON delegation (ends_at) WHERE ended_at IS NULL AND accepted_at IS NOT NULL AND reminded_at IS NULL;

-- In whose space a session acts: nobody's but its own when empty.
ALTER TABLE web_session ADD COLUMN acting_enc bytea;

-- Raises unless the delegation lets its holder change something now: part of a write sent as one message.
CREATE FUNCTION assert_delegated(space uuid, wanted uuid, now_ timestamptz) RETURNS void LANGUAGE plpgsql AS $$
BEGIN
  PERFORM 1 FROM delegation g WHERE g.space_id = space AND g.delegation_id = wanted AND g.accepted_at IS NOT NULL
    AND g.ended_at IS NULL AND g.starts_at <= now_ AND g.ends_at > now_
    AND (g.looks_only_from IS NULL OR g.looks_only_from > now_);
  IF NOT FOUND THEN
    RAISE EXCEPTION 'delegation over' USING ERRCODE = 'CN004';
  END IF;
END $$;
GRANT EXECUTE ON FUNCTION assert_delegated(uuid, uuid, timestamptz) TO carnet_app;
