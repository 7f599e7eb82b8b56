-- Wrong passwords and keys by where they come from, and the desk's searches that found nobody by agent, are counted here too:
-- one count for every worker and every machine.
SET LOCAL search_path = carnet;

COMMENT ON TABLE code_failure IS 'pii: keyed digest of an address that guessed codes, passwords or keys, of who had codes sent and where to, of an agent whose searches found nobody | retention: 1 day | basis: security of the objection on line, of sign-in and of the desk';
