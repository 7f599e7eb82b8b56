-- step
DO $$
BEGIN
  IF EXISTS (SELECT FROM pg_index WHERE indexrelid = to_regclass('carnet.authorisation_one_open_by_side') AND indisvalid) THEN
    DROP INDEX carnet.authorisation_one_open;
    ALTER INDEX carnet.authorisation_one_open_by_side RENAME TO authorisation_one_open;
  END IF;
END $$;
