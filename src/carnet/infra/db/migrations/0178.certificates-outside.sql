-- Certificates of erasures are noted outside the database too: a backup put back may be older than what they certify.
SET LOCAL search_path = carnet;

ALTER TABLE erasure_certificate ADD COLUMN noted boolean NOT NULL DEFAULT false;
CREATE INDEX erasure_certificate_to_note ON erasure_certificate (certificate_id) WHERE NOT noted;
GRANT SELECT, UPDATE (noted) ON erasure_certificate TO carnet_batch;
