-- Who may connect, and as what. The owner holds the tables; nobody connects as the owner but migrations.
-- carnet_app runs the web and the worker; carnet_batch runs set-based lifecycle work; carnet_journal owns the one
-- function that appends to the journal. None of them can bypass row security.
DO $$
DECLARE name text;
BEGIN
  FOREACH name IN ARRAY ARRAY['carnet_app', 'carnet_batch'] LOOP
    IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = name) THEN
      EXECUTE format('CREATE ROLE %I LOGIN NOSUPERUSER NOCREATEDB NOCREATEROLE NOBYPASSRLS', name);
    END IF;
  END LOOP;
  IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = 'carnet_journal') THEN
    CREATE ROLE carnet_journal NOLOGIN NOSUPERUSER NOBYPASSRLS;
    GRANT carnet_journal TO CURRENT_USER;
  END IF;
END $$;
CREATE SCHEMA IF NOT EXISTS carnet;
CREATE SCHEMA IF NOT EXISTS vault;
CREATE SCHEMA IF NOT EXISTS jobs;
REVOKE ALL ON SCHEMA public FROM PUBLIC;
GRANT USAGE ON SCHEMA carnet, vault, jobs TO carnet_app, carnet_batch;
GRANT USAGE ON SCHEMA carnet TO carnet_journal;
