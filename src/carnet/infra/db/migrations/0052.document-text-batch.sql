-- The operator sees how many documents have words and which have none yet: ids and states, never a word.
SET LOCAL search_path = carnet;

GRANT SELECT (space_id, document_id, state, analysis) ON document_text TO carnet_batch;
CREATE POLICY batch_states ON document_text FOR SELECT TO carnet_batch USING (true);
GRANT SELECT (status) ON document TO carnet_batch;
