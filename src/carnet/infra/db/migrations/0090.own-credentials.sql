-- Ways of signing in that a person keeps themselves: passkeys, or a password with a code of the moment. They belong to an
-- account, found before any space is known; what they hold is sealed for its row by the house key.
SET LOCAL search_path = carnet;

CREATE TABLE passkey (
  credential_digest bytea PRIMARY KEY CHECK (length(credential_digest) = 32),
  public_id uuid NOT NULL UNIQUE,
  account_id uuid NOT NULL REFERENCES account,
  sealed bytea NOT NULL,
  signatures bigint NOT NULL,
  created_at timestamptz NOT NULL,
  usable_from timestamptz NOT NULL,
  last_used_at timestamptz,
  ended_at timestamptz
);
COMMENT ON TABLE passkey IS 'pii: public keys of a person''s devices (sealed), times of use | retention: until removed, the life of the space | basis: security of access (R1111-32 CSP)';
CREATE INDEX passkey_account ON passkey (account_id);

CREATE TABLE own_password (
  account_id uuid PRIMARY KEY REFERENCES account,
  login_digest bytea NOT NULL UNIQUE CHECK (length(login_digest) = 32),
  public_id uuid NOT NULL UNIQUE,
  sealed bytea NOT NULL,
  created_at timestamptz NOT NULL,
  usable_from timestamptz NOT NULL,
  last_used_at timestamptz,
  ended_at timestamptz,
  failures smallint NOT NULL DEFAULT 0,
  blocked_until timestamptz
);
COMMENT ON TABLE own_password IS 'pii: digest of a login, hash of a password and where its codes go (sealed) | retention: until removed, the life of the space | basis: security of access (R1111-32 CSP)';

CREATE TABLE login_code (
  attempt_digest bytea PRIMARY KEY,
  sealed bytea NOT NULL,
  sent_at timestamptz NOT NULL,
  expires_at timestamptz NOT NULL,
  tries smallint NOT NULL DEFAULT 0
);
COMMENT ON TABLE login_code IS 'pii: a code of the moment and where it went (sealed) | retention: 10 minutes | basis: security of sign-in';

CREATE INDEX account_space ON account (space_id) WHERE space_id IS NOT NULL;

GRANT SELECT, INSERT, UPDATE, DELETE ON passkey, own_password, login_code TO carnet_app;
GRANT SELECT, DELETE ON passkey, own_password, login_code TO carnet_batch;
