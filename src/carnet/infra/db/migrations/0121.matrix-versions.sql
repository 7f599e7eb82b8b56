-- Which matrix decided since when: a line each time a process starts with another one than the last.
SET LOCAL search_path = carnet;

CREATE TABLE matrix_version (
  loaded_at timestamptz NOT NULL,
  version text NOT NULL CHECK (version ~ '^[0-9a-f]{16}$'),
  cells integer NOT NULL CHECK (cells > 0),
  PRIMARY KEY (loaded_at, version)
);
COMMENT ON TABLE matrix_version IS 'pii: none | retention: as long as the journal | basis: R1111-46 CSP (a past decision can be explained)';
GRANT SELECT, INSERT ON matrix_version TO carnet_app;
