-- Old security entries are deleted row by row when their three years are over; emptying the table is never that.
SET LOCAL search_path = carnet;

CREATE TRIGGER append_only_truncate BEFORE TRUNCATE ON security_entry FOR EACH STATEMENT EXECUTE FUNCTION refuse_rewriting();
