-- Where a desk is: an agent's day begins and ends by the clock on their wall.
SET LOCAL search_path = carnet;

ALTER TABLE agent ADD COLUMN departement text NOT NULL DEFAULT '' CHECK (departement ~ '^(|[0-9]{2,3}|2[AB])$');
