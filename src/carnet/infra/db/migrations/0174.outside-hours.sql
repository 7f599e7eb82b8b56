-- What is asked of a practice outside its hours waits here until it opens. A conversation in the bin has a day on which it goes.
SET LOCAL search_path = carnet;

ALTER TABLE outgoing_mail ADD COLUMN not_before timestamptz;

-- binned_at: since when it lies in the bin; what lay there before this existed stays until its person empties it.
ALTER TABLE conversation ADD COLUMN binned_at timestamptz;
CREATE POLICY batch_all ON conversation FOR SELECT TO carnet_batch USING (true);
GRANT SELECT (space_id, conversation_id, place, binned_at, deleted_at) ON conversation TO carnet_batch;
