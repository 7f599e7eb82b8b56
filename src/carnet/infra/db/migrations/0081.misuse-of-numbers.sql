-- Numbers asked for in order find mostly nobody: those questions name no space and are in the security journal, where the
-- search for misuse reads them too: who asked what when, and a mark from which no number can be read.
SET LOCAL search_path = carnet;

GRANT SELECT (entry_id, at, act, outcome, actor_kind, actor_id, organisation, details) ON security_entry TO carnet_oversight;
CREATE INDEX security_entry_asked ON security_entry (at) WHERE act = 'find-patient';
