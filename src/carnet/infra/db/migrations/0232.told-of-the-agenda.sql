-- The agenda is a subject one may choose not to be e-mailed about. Widened: every row there is fits.
SET LOCAL search_path = carnet;

ALTER TABLE space DROP CONSTRAINT space_quiet_subjects_check;
ALTER TABLE space ADD CONSTRAINT space_quiet_subjects_check
  CHECK (quiet_subjects <@ ARRAY['documents', 'visits', 'agenda']) NOT VALID;
