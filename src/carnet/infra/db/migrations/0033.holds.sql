-- Results that are explained before they are shown, and the end of INVISIBLE_PATIENT: by hand, or by the calendar.
SET LOCAL search_path = carnet;

CREATE TABLE document_hold (
  space_id uuid NOT NULL,
  hold_id uuid NOT NULL,
  logical_id uuid NOT NULL,
  reason text NOT NULL,
  held_by text NOT NULL,
  held_by_name text NOT NULL,
  finess text,
  opened_at timestamptz NOT NULL,
  until timestamptz NOT NULL,
  asked_at timestamptz,
  due_at timestamptz NOT NULL,
  released_at timestamptz,
  PRIMARY KEY (space_id, hold_id),
  CHECK (until > opened_at AND due_at <= until)
);
COMMENT ON TABLE document_hold IS 'pii: health (that a result waits to be explained, by whom) | retention: life of the space + 10 years | basis: L1111-2, L1111-7 CSP';
CREATE UNIQUE INDEX document_hold_one ON document_hold (space_id, logical_id) WHERE released_at IS NULL;
CREATE INDEX document_hold_due ON document_hold (due_at) WHERE released_at IS NULL;
ALTER TABLE document_hold ENABLE ROW LEVEL SECURITY;
ALTER TABLE document_hold FORCE ROW LEVEL SECURITY;
CREATE POLICY one_space ON document_hold TO carnet_app USING (space_id = this_space()) WITH CHECK (space_id = this_space());
CREATE POLICY batch_due ON document_hold FOR SELECT TO carnet_batch USING (true);
GRANT SELECT, INSERT, UPDATE ON document_hold TO carnet_app;
GRANT SELECT (space_id, logical_id, due_at, released_at) ON document_hold TO carnet_batch;

GRANT SELECT (logical_id, invisible_patient) ON document TO carnet_batch;
