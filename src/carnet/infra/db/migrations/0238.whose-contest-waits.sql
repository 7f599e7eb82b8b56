-- A contest left open at a desk says whose it is, as contests do: who represents somebody neither hears of theirs nor ends it.
-- Tickets there were may have been the person's: they count as theirs.
SET LOCAL search_path = carnet;

ALTER TABLE desk_ticket ADD COLUMN by_delegate boolean NOT NULL DEFAULT false;
DROP INDEX desk_ticket_one;
CREATE UNIQUE INDEX desk_ticket_one ON desk_ticket (ins_digest, desk, script, by_delegate) WHERE closed_at IS NULL;
