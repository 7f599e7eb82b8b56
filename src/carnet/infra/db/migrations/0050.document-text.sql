-- The words of documents, for search inside one space: sealed with that space's key, one row a document version.
SET LOCAL search_path = carnet;

CREATE TABLE document_text (
  space_id uuid NOT NULL,
  document_id uuid NOT NULL,
  state text NOT NULL CHECK (state IN ('read', 'recognising', 'pictures', 'unreadable')),
  analysis integer NOT NULL,
  pages integer NOT NULL CHECK (pages >= 0),
  waiting integer[] NOT NULL DEFAULT '{}',
  text_enc bytea NOT NULL,
  index_enc bytea NOT NULL,
  changed_at timestamptz NOT NULL,
  PRIMARY KEY (space_id, document_id)
);
COMMENT ON TABLE document_text IS 'pii: health (the words of documents; sealed) | retention: as the document; its deletion removes it | basis: R1111-42, R1111-36 CSP';

ALTER TABLE document_text ENABLE ROW LEVEL SECURITY;
ALTER TABLE document_text FORCE ROW LEVEL SECURITY;
CREATE POLICY one_space ON document_text TO carnet_app USING (space_id = carnet.this_space()) WITH CHECK (space_id = carnet.this_space());
GRANT SELECT, INSERT, UPDATE, DELETE ON document_text TO carnet_app;

-- Sealed bytes do not compress (what is inside was compressed before sealing).
ALTER TABLE document_text ALTER COLUMN text_enc SET STORAGE EXTERNAL, ALTER COLUMN index_enc SET STORAGE EXTERNAL;
