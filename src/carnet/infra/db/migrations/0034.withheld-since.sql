-- Since when a document is kept from the person, by the database's own clock: what the automatic release counts from.
SET LOCAL search_path = carnet;

ALTER TABLE document ADD COLUMN withheld_at timestamptz;
-- The owner is bound by row security too, and no policy is for it: without this it would see no row and change none.
ALTER TABLE document NO FORCE ROW LEVEL SECURITY;
UPDATE document SET withheld_at = received_at WHERE invisible_patient;
ALTER TABLE document FORCE ROW LEVEL SECURITY;

-- A new version inherits the beginning: replacing a document neither shortens nor prolongs the delay.
CREATE FUNCTION withheld_since() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF NOT NEW.invisible_patient THEN
    NEW.withheld_at := NULL;
  ELSE
    SELECT coalesce(min(d.withheld_at), now()) INTO NEW.withheld_at FROM carnet.document d
    WHERE d.space_id = NEW.space_id AND d.logical_id = NEW.logical_id AND d.invisible_patient;
  END IF;
  RETURN NEW;
END $$;
CREATE TRIGGER withheld_since BEFORE INSERT ON document FOR EACH ROW WHEN (NEW.invisible_patient)
  EXECUTE FUNCTION withheld_since();
CREATE TRIGGER withheld_since_changed BEFORE UPDATE OF invisible_patient ON document FOR EACH ROW
  WHEN (NEW.invisible_patient IS DISTINCT FROM OLD.invisible_patient) EXECUTE FUNCTION withheld_since();

CREATE INDEX document_withheld ON document (withheld_at) WHERE invisible_patient;
GRANT SELECT (withheld_at) ON document TO carnet_batch;
