-- Once a week, if wanted, an e-mail says whether anybody else came: when it was asked for, or left last.
SET LOCAL search_path = carnet;

ALTER TABLE space ADD COLUMN digest_at timestamptz;
CREATE INDEX space_digest ON space (digest_at) WHERE digest_at IS NOT NULL;
GRANT SELECT (space_id, digest_at) ON space TO carnet_batch;
CREATE POLICY batch_digests ON space FOR SELECT TO carnet_batch USING (digest_at IS NOT NULL);
