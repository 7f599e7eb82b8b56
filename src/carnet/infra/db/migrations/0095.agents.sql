-- Who works at the desk (the 3422, counters) or watches over the whole (pilots): rows an operator makes. They sign in with
-- the State's provider for agents and its second factor, and reach the life of a space, never what is in it.
SET LOCAL search_path = carnet;

CREATE TABLE agent (
  agent_id uuid PRIMARY KEY,
  reference text NOT NULL UNIQUE,
  kind text NOT NULL CHECK (kind IN ('agent', 'pilot')),
  email text NOT NULL CHECK (email = lower(email)),
  name text NOT NULL,
  desk text NOT NULL,
  created_at timestamptz NOT NULL,
  ended_at timestamptz
);
COMMENT ON TABLE agent IS 'pii: professional identity of an agent (name, address at work, service) | retention: end of duty + 10 years, as the traces that name their reference | basis: R1111-43 CSP';
CREATE UNIQUE INDEX agent_on_duty ON agent (email) WHERE ended_at IS NULL;
GRANT SELECT, INSERT, UPDATE ON agent TO carnet_app;

ALTER TABLE account ADD COLUMN agent_id uuid REFERENCES agent;
ALTER TABLE account DROP CONSTRAINT account_kind_check;
ALTER TABLE account ADD CONSTRAINT account_kind_check CHECK (kind IN ('person', 'professional', 'agent'));
ALTER TABLE account ADD CONSTRAINT account_of_an_agent CHECK ((kind = 'agent') = (agent_id IS NOT NULL));
CREATE UNIQUE INDEX account_one_an_agent ON account (agent_id) WHERE agent_id IS NOT NULL;
ALTER TABLE web_session DROP CONSTRAINT web_session_door_check;
ALTER TABLE web_session ADD CONSTRAINT web_session_door_check CHECK (door IN ('portal', 'pro', 'desk'));
