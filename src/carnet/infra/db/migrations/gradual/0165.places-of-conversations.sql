-- step
ALTER TABLE carnet.conversation
  ADD COLUMN IF NOT EXISTS apart boolean NOT NULL DEFAULT false,
  ADD COLUMN IF NOT EXISTS place text NOT NULL DEFAULT 'inbox' CHECK (place IN ('inbox', 'archive', 'bin')),
  ADD COLUMN IF NOT EXISTS sent_at timestamptz;
-- step
ALTER TABLE carnet.message ADD COLUMN IF NOT EXISTS author uuid;
-- step
ALTER TABLE carnet.mail_contact ADD COLUMN IF NOT EXISTS shown_at timestamptz;
-- step
ALTER TABLE carnet.delegation ADD COLUMN IF NOT EXISTS messages boolean NOT NULL DEFAULT false;
-- step
ALTER TABLE carnet.conversation NO FORCE ROW LEVEL SECURITY;
-- step
ALTER TABLE carnet.message NO FORCE ROW LEVEL SECURITY;
-- step
ALTER TABLE carnet.mail_contact NO FORCE ROW LEVEL SECURITY;
-- step by space
UPDATE carnet.conversation c SET sent_at = (SELECT max(m.at) FROM carnet.message m
  WHERE m.space_id = c.space_id AND m.conversation_id = c.conversation_id AND m.state NOT IN ('received', 'draft'))
WHERE c.space_id = ANY(%(spaces)s);
-- step by space
UPDATE carnet.mail_contact SET shown_at = last_at WHERE space_id = ANY(%(spaces)s) AND shown_at IS NULL;
-- step
ALTER TABLE carnet.mail_contact FORCE ROW LEVEL SECURITY;
-- step
ALTER TABLE carnet.message FORCE ROW LEVEL SECURITY;
-- step
ALTER TABLE carnet.conversation FORCE ROW LEVEL SECURITY;
-- step
DROP INDEX CONCURRENTLY IF EXISTS carnet.conversation_inbox;
-- step
CREATE INDEX CONCURRENTLY conversation_inbox ON carnet.conversation (space_id, last_at DESC, conversation_id DESC)
  WHERE deleted_at IS NULL AND place = 'inbox';
-- step
DROP INDEX CONCURRENTLY IF EXISTS carnet.conversation_unread;
-- step
CREATE INDEX CONCURRENTLY conversation_unread ON carnet.conversation (space_id, last_at DESC, conversation_id DESC)
  WHERE deleted_at IS NULL AND place <> 'bin' AND unread > 0;
-- step
DROP INDEX CONCURRENTLY IF EXISTS carnet.conversation_sent;
-- step
CREATE INDEX CONCURRENTLY conversation_sent ON carnet.conversation (space_id, last_at DESC, conversation_id DESC)
  WHERE deleted_at IS NULL AND place <> 'bin' AND sent_at IS NOT NULL;
-- step
DROP INDEX CONCURRENTLY IF EXISTS carnet.conversation_ended;
-- step
CREATE INDEX CONCURRENTLY conversation_ended ON carnet.conversation (space_id, last_at DESC, conversation_id DESC)
  WHERE deleted_at IS NULL AND place <> 'bin' AND (place = 'archive' OR ended_at IS NOT NULL);
-- step
DROP INDEX CONCURRENTLY IF EXISTS carnet.conversation_bin;
-- step
CREATE INDEX CONCURRENTLY conversation_bin ON carnet.conversation (space_id, last_at DESC, conversation_id DESC)
  WHERE deleted_at IS NULL AND place = 'bin';
-- step
DROP INDEX CONCURRENTLY IF EXISTS carnet.message_draft;
-- step
CREATE INDEX CONCURRENTLY message_draft ON carnet.message (space_id, at DESC)
  WHERE state = 'draft' AND letter_enc IS NOT NULL;
-- step
DROP INDEX CONCURRENTLY IF EXISTS carnet.conversation_recent;
