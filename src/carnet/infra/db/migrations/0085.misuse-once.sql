-- Two alerts may begin at the same instant (one professional, two spaces); what is the same finding is told by its rows.
SET LOCAL search_path = carnet;

ALTER TABLE misuse_alert DROP CONSTRAINT misuse_alert_rule_actor_id_began_at_key;
CREATE INDEX misuse_alert_of ON misuse_alert (actor_id, rule);
