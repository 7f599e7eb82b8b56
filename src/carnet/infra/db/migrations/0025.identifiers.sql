-- An identifier belongs to the organisation that gave it (to the person, for their own): that another organisation already
-- used it here must not be told to a sender who may not know of that document (two worlds; threats T10, T15, T42).
SET LOCAL search_path = carnet;

DROP INDEX document_unique_id;
CREATE UNIQUE INDEX document_unique_id ON document (space_id, unique_id_digest, author_finess) NULLS NOT DISTINCT;
DROP INDEX submission_set_unique_id;
CREATE UNIQUE INDEX submission_set_unique_id ON submission_set (space_id, unique_id_digest, source_finess) NULLS NOT DISTINCT;
