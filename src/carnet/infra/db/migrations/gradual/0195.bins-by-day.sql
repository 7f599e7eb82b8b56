-- step
DROP INDEX CONCURRENTLY IF EXISTS carnet.conversation_binned;
-- step
CREATE INDEX CONCURRENTLY conversation_binned ON carnet.conversation (binned_at, conversation_id)
  WHERE place = 'bin' AND deleted_at IS NULL;
