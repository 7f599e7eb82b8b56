-- What a person does not want e-mails about (the list in the portal always tells). Empty: told of everything.
SET LOCAL search_path = carnet;

ALTER TABLE space ADD COLUMN quiet_subjects text[] NOT NULL DEFAULT '{}'
  CHECK (quiet_subjects <@ ARRAY['documents', 'visits']);
