-- Which text of the conditions the person said yes to, and when; null: none yet (they came by an identity provider).
SET LOCAL search_path = carnet;

ALTER TABLE space ADD COLUMN terms text, ADD COLUMN terms_at timestamptz;
