-- Lines of the access list written before 0230 count as representatives' for what they may be told and lift; who wrote them
-- was not noted, and the person's copy says so. One default for what there is, another for what comes: no row is rewritten.
SET LOCAL search_path = carnet;

ALTER TABLE authorisation ADD COLUMN side_noted boolean NOT NULL DEFAULT false;
ALTER TABLE authorisation ALTER COLUMN side_noted SET DEFAULT true;
