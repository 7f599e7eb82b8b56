-- A scanned letter is found by its contact when the space is erased, so a contact stays as long as its letter does; and the
-- letter goes after its ten years.
SET LOCAL search_path = carnet;

COMMENT ON TABLE desk_contact IS 'pii: that somebody (keyed digest of the INS) asked the desk for something, what they showed, who answered | retention: 1 year, or as long as the letter it came with | basis: R1111-28, R1111-43 CSP';
CREATE INDEX desk_proof_contact ON desk_proof (contact_id);
GRANT DELETE ON desk_proof TO carnet_batch;
