-- What those who act for the person know of somebody who writes: not what was said in a conversation kept from them.
SET LOCAL search_path = carnet;

-- shown_ended_at: when they ended the exchange, as far as it happened in a conversation that is not kept apart.
ALTER TABLE mail_contact ADD COLUMN shown_ended_at timestamptz;
ALTER TABLE mail_contact NO FORCE ROW LEVEL SECURITY;
UPDATE mail_contact SET shown_ended_at = ended_at WHERE shown_at IS NOT NULL AND ended_at IS NOT NULL;
ALTER TABLE mail_contact FORCE ROW LEVEL SECURITY;
