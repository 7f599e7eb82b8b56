-- When news of what the person keeps apart was told by the channel they gave for it: apart from `emailed_at`, whose
-- spacing of messages would tell.
SET LOCAL search_path = carnet;

ALTER TABLE notification ADD COLUMN told_apart_at timestamptz;
