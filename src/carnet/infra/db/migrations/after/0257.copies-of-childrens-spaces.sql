-- step
DO $$
BEGIN
  IF EXISTS (SELECT FROM pg_index WHERE indexrelid = to_regclass('carnet.data_export_one_each') AND indisvalid) THEN
    DROP INDEX carnet.data_export_one;
    ALTER INDEX carnet.data_export_one_each RENAME TO data_export_one;
  END IF;
END $$;
