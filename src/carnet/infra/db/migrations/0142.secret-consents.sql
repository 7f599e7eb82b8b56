-- A minor may be treated without their parents knowing (L1111-5 CSP): the consent says so, and what rests on it is told to no
-- representative: the line, what the professional does while it lasts, what they deposit. No e-mail tells of it either.
SET LOCAL search_path = carnet;

ALTER TABLE authorisation ADD COLUMN secret boolean NOT NULL DEFAULT false,
  ADD CONSTRAINT secret_is_a_consent_to_one_professional
    CHECK (NOT secret OR (rpps IS NOT NULL AND effect = 'permit' AND num_nonnulls(shared_finess, shared_team) = 0));
