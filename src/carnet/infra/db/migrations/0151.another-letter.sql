-- Who lost the letter asks the desk for another code: it goes to the address the insurer knows, and the old one dies at once.
SET LOCAL search_path = carnet;

ALTER TABLE enrolment ADD COLUMN code_asked_at timestamptz;
CREATE INDEX enrolment_code_asked ON enrolment (ins_digest) WHERE code_asked_at IS NOT NULL;
-- how often somebody asked lately
CREATE INDEX desk_contact_person ON desk_contact (ins_digest, began_at) WHERE ins_digest IS NOT NULL;
