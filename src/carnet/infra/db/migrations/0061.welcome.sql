-- When the person answered (or put off for good) the three choices of the first visit.
SET LOCAL search_path = carnet;

ALTER TABLE space ADD COLUMN welcomed_at timestamptz;
