-- Agents are made and ended by an operator's command, which works as carnet_batch: whatever a page could be brought to do, it
-- makes nobody an agent.
SET LOCAL search_path = carnet;

REVOKE INSERT, UPDATE ON agent FROM carnet_app;
GRANT SELECT, INSERT, UPDATE ON agent TO carnet_batch;
