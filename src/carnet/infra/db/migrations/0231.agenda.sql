-- The agenda of a space: appointments and reminders, their words sealed; what a job must find is dates and codes only.
-- A delegation says whether it reaches the agenda, and whether it reaches anything else.
SET LOCAL search_path = carnet;

-- starts_at: of an appointment its hour; of a reminder the midnight its day begins with, in zone. due_at: the midnight, in
-- zone, of the day on which it is told of (the day before an appointment, the day of a reminder). status: of an appointment,
-- FHIR R4 AppointmentStatus. by_delegation: who wrote it for the person, NULL for the person.
CREATE TABLE agenda_entry (
  space_id uuid NOT NULL,
  entry_id uuid NOT NULL,
  kind text NOT NULL CHECK (kind IN ('appointment', 'reminder')),
  starts_at timestamptz NOT NULL,
  zone text NOT NULL,
  status text CHECK (status IN ('booked', 'cancelled')),
  words_enc bytea NOT NULL,
  by_delegation uuid,
  recorded_at timestamptz NOT NULL,
  changed_at timestamptz NOT NULL,
  due_at timestamptz NOT NULL,
  told_at timestamptz,
  PRIMARY KEY (space_id, entry_id),
  CONSTRAINT only_appointments_have_a_status CHECK ((kind = 'appointment') = (status IS NOT NULL))
);
COMMENT ON TABLE agenda_entry IS 'pii: health appointments and reminders of a person (title, professional, place, note sealed) | retention: life of the space + 10 years, or until its person deletes it | basis: L1111-13-1 CSP';
CREATE INDEX agenda_entry_day ON agenda_entry (space_id, starts_at);
CREATE INDEX agenda_entry_due ON agenda_entry (due_at, space_id, entry_id) WHERE told_at IS NULL;
ALTER TABLE agenda_entry ENABLE ROW LEVEL SECURITY;
ALTER TABLE agenda_entry FORCE ROW LEVEL SECURITY;
CREATE POLICY one_space ON agenda_entry TO carnet_app USING (space_id = this_space()) WITH CHECK (space_id = this_space());
CREATE POLICY batch_due ON agenda_entry TO carnet_batch USING (true);
GRANT SELECT, INSERT, UPDATE, DELETE ON agenda_entry TO carnet_app;
GRANT SELECT (space_id, entry_id, kind, status, due_at, told_at) ON agenda_entry TO carnet_batch;

-- documents: whether it reaches documents and what lies around them (everything, until now); agenda: of a carer, whether it
-- reaches the agenda, which representatives see by law.
ALTER TABLE delegation
  ADD COLUMN documents boolean NOT NULL DEFAULT true,
  ADD COLUMN agenda boolean NOT NULL DEFAULT false,
  ADD CONSTRAINT a_carer_without_documents_has_the_agenda_only
    CHECK (documents OR (kind = 'carer' AND agenda AND NOT messages)) NOT VALID;

CREATE OR REPLACE FUNCTION assert_delegated(space uuid, wanted uuid, now_ timestamptz) RETURNS void LANGUAGE plpgsql AS $$
BEGIN
  PERFORM 1 FROM delegation g WHERE g.space_id = space AND g.delegation_id = wanted AND g.accepted_at IS NOT NULL
    AND g.ended_at IS NULL AND g.starts_at <= now_ AND g.ends_at > now_ AND g.documents
    AND (g.looks_only_from IS NULL OR g.looks_only_from > now_);
  IF NOT FOUND THEN
    RAISE EXCEPTION 'delegation over' USING ERRCODE = 'CN004';
  END IF;
END $$;
