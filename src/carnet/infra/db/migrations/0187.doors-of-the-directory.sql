-- Where the directory says that professionals and places are, as a keyed digest: the search for misuse asks whether somebody
-- came into the space of who lives at that door. The address itself is not kept, neither here nor of any patient.
SET LOCAL search_path = carnet;

ALTER TABLE care_organisation ADD COLUMN door bytea CHECK (length(door) = 32);
ALTER TABLE professional ADD COLUMN door bytea CHECK (length(door) = 32);
COMMENT ON TABLE professional IS 'pii: professional identity (public health directory), keyed digest of the address of correspondence | retention: while listed | basis: public register (RPPS); R1111-43 CSP (misuse)';
