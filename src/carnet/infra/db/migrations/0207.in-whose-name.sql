-- Wishes and contested accesses say whether who represents the person wrote them: representatives are told of those,
-- and of none the person wrote themselves.
SET LOCAL search_path = carnet;

ALTER TABLE access_restriction ADD COLUMN by_delegate boolean NOT NULL DEFAULT false;
ALTER TABLE access_dispute ADD COLUMN by_delegate boolean NOT NULL DEFAULT false;

-- One case a side: that the person contested an access already is nothing their representatives are told.
DROP INDEX access_dispute_one;
CREATE UNIQUE INDEX access_dispute_one ON access_dispute (space_id, rpps, by_delegate) WHERE closed_at IS NULL;
