-- A space is forgotten with the ways its person signed in: what belongs to an account goes with the account.
SET LOCAL search_path = carnet;

ALTER TABLE passkey DROP CONSTRAINT passkey_account_id_fkey,
  ADD CONSTRAINT passkey_account_id_fkey FOREIGN KEY (account_id) REFERENCES account ON DELETE CASCADE;
ALTER TABLE own_password DROP CONSTRAINT own_password_account_id_fkey,
  ADD CONSTRAINT own_password_account_id_fkey FOREIGN KEY (account_id) REFERENCES account ON DELETE CASCADE;
