-- An identifier belongs to the organisation that gave it (to the person, for their own): that another organisation already
-- used it here must not be told to a sender who may not know of that document (two worlds; threats T10, T15, T42).
SET LOCAL search_path = carnet;

-- Both are built before either takes the place of another: while they are, deposits wait and reading goes on.
CREATE UNIQUE INDEX document_unique_id_of ON document (space_id, unique_id_digest, author_finess) NULLS NOT DISTINCT;
CREATE UNIQUE INDEX submission_set_unique_id_of ON submission_set (space_id, unique_id_digest, source_finess) NULLS NOT DISTINCT;
DROP INDEX document_unique_id;
DROP INDEX submission_set_unique_id;
ALTER INDEX document_unique_id_of RENAME TO document_unique_id;
ALTER INDEX submission_set_unique_id_of RENAME TO submission_set_unique_id;
