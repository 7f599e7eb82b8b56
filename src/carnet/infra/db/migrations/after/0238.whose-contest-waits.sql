-- step
DO $$
BEGIN
  IF EXISTS (SELECT FROM pg_index WHERE indexrelid = to_regclass('carnet.desk_ticket_one_by_side') AND indisvalid) THEN
    DROP INDEX carnet.desk_ticket_one;
    ALTER INDEX carnet.desk_ticket_one_by_side RENAME TO desk_ticket_one;
  END IF;
END $$;
