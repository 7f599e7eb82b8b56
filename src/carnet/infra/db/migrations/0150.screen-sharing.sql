-- For a quarter of an hour somebody lets the desk see on which page they are: the page's name, never what is on it.
SET LOCAL search_path = carnet;

ALTER TABLE web_session ADD COLUMN screen_id uuid, ADD COLUMN screen_until timestamptz;
CREATE INDEX web_session_screen ON web_session (screen_id) WHERE screen_id IS NOT NULL;

CREATE TABLE screen_share (
  space_id uuid NOT NULL,
  share_id uuid NOT NULL,
  began_at timestamptz NOT NULL,
  until timestamptz NOT NULL,
  ended_at timestamptz,
  misses integer NOT NULL DEFAULT 0,
  contact_id uuid,
  agent text,
  joined_at timestamptz,
  -- the position: a template of ours, an address without its parameters, an HTTP status, names of sentences of ours
  template text,
  path text,
  status integer,
  problems text[] NOT NULL DEFAULT '{}',
  -- the last position shown to the agent, which the journal has
  told text,
  PRIMARY KEY (space_id, share_id),
  CHECK (num_nonnulls(contact_id, agent, joined_at) IN (0, 3)),
  CHECK (template ~ '^[a-z_/]{1,60}\.html$'),
  CHECK (path ~ '^[A-Za-z0-9_*/.-]{1,120}$')
);
COMMENT ON TABLE screen_share IS 'pii: on which page of the product a person was while the desk helped them, which agent | retention: 1 day | basis: R1111-43 CSP (help asked for by the person)';
CREATE INDEX screen_share_expiry ON screen_share (until);
ALTER TABLE screen_share ENABLE ROW LEVEL SECURITY;
ALTER TABLE screen_share FORCE ROW LEVEL SECURITY;
CREATE POLICY one_space ON screen_share TO carnet_app USING (space_id = this_space()) WITH CHECK (space_id = this_space());
CREATE POLICY batch_retention ON screen_share TO carnet_batch USING (true);
GRANT SELECT, INSERT, UPDATE ON screen_share TO carnet_app;
GRANT SELECT (until), DELETE ON screen_share TO carnet_batch;
