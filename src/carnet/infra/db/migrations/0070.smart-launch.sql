-- SMART App Launch: which registered software has pages to be launched, and what is handed over once, for a moment.
SET LOCAL search_path = carnet;

CREATE TABLE smart_app (
  client_id text PRIMARY KEY REFERENCES care_software,
  launch_url text NOT NULL,
  redirect_uris text[] NOT NULL CHECK (cardinality(redirect_uris) BETWEEN 1 AND 10),
  changed_at timestamptz NOT NULL
);
COMMENT ON TABLE smart_app IS 'pii: none (addresses of software) | retention: registration + 10 years | basis: R1111-43 CSP (traceability)';

-- Found by the digest of what was handed out; who, for whom and what for is sealed by the house key.
CREATE TABLE smart_ticket (
  ticket_digest bytea PRIMARY KEY,
  kind text NOT NULL CHECK (kind IN ('launch', 'code')),
  sealed bytea NOT NULL,
  expires_at timestamptz NOT NULL
);
COMMENT ON TABLE smart_ticket IS 'pii: identity (a professional and the INS they look at; sealed) | retention: minutes | basis: L1111-17 CSP (access by a professional)';
CREATE INDEX smart_ticket_expiry ON smart_ticket (expires_at);

GRANT SELECT, INSERT, UPDATE ON smart_app TO carnet_app;
GRANT SELECT, INSERT, UPDATE, DELETE ON smart_ticket TO carnet_app;
GRANT SELECT, DELETE ON smart_ticket TO carnet_batch;
