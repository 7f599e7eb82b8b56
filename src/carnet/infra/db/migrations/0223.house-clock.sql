-- When the house last knew that it ran: what is due by a clock far ahead of that is not done (decision 0223).
SET LOCAL search_path = carnet;

CREATE TABLE house_clock (
  one boolean PRIMARY KEY DEFAULT true CHECK (one),
  at timestamptz NOT NULL
);
COMMENT ON TABLE house_clock IS 'pii: none (the time the house last ran) | retention: one row, as long as the house runs | basis: R1111-28, R1111-43 CSP (nothing before its delay)';
GRANT SELECT, INSERT, UPDATE ON house_clock TO carnet_batch;
