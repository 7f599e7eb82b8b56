-- What has lain in bins long enough is found by its day, in all spaces at once: bins empty themselves every hour.
SET LOCAL search_path = carnet;

CREATE INDEX conversation_binned ON conversation (binned_at, conversation_id)
  WHERE place = 'bin' AND deleted_at IS NULL;
