-- What unattended work may touch: blobs nobody needs, keys to rewrap, old rows. carnet_batch sees ids and never texts.
SET LOCAL search_path = carnet;

-- An intent is first doomed (committed), then its blob is removed, then the intent: a deposit that is still on its way
-- can no longer succeed once the collector has begun, and a collector that dies is simply run again.
ALTER TABLE deposit_intent ADD COLUMN doomed_at timestamptz;
GRANT UPDATE (doomed_at) ON deposit_intent TO carnet_batch;

-- Ends the intents of a deposit, in the transaction that inserts its rows. Raises when one was doomed meanwhile: the
-- bytes may be gone, so the whole deposit is undone and may be tried again.
CREATE FUNCTION release_intents(blobs uuid[]) RETURNS void LANGUAGE plpgsql AS $$
DECLARE
  released integer;
BEGIN
  DELETE FROM deposit_intent i WHERE i.blob_id = ANY(blobs) AND i.doomed_at IS NULL;
  GET DIAGNOSTICS released = ROW_COUNT;
  IF released <> cardinality(blobs) THEN
    RAISE EXCEPTION 'the bytes of this deposit were collected meanwhile' USING ERRCODE = 'serialization_failure';
  END IF;
END $$;
GRANT EXECUTE ON FUNCTION release_intents(uuid[]) TO carnet_app;

CREATE INDEX document_blob ON document (blob_id);
CREATE INDEX document_flagged ON document (received_at) WHERE flags <> '{}';
REVOKE SELECT ON document FROM carnet_batch;
GRANT SELECT (space_id, document_id, blob_id, flags, received_at, client_id) ON document TO carnet_batch;

GRANT INSERT ON security_entry TO carnet_batch;

-- Notifications end after two years (their annotation); the batch role sees when they were made, not what they say.
GRANT SELECT (space_id, notification_id, created_at), DELETE ON notification TO carnet_batch;
CREATE POLICY batch_retention ON notification TO carnet_batch USING (true);
