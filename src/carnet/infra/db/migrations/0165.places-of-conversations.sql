-- Where a conversation lies for the person, whether it is kept from those who act for them, and when they last wrote.
SET LOCAL search_path = carnet;

-- apart: kept from representatives and carers; whoever opened it, or the person, wanted so. place: where the person put it.
ALTER TABLE conversation
  ADD COLUMN apart boolean NOT NULL DEFAULT false,
  ADD COLUMN place text NOT NULL DEFAULT 'inbox' CHECK (place IN ('inbox', 'archive', 'bin')),
  ADD COLUMN sent_at timestamptz;
ALTER TABLE conversation NO FORCE ROW LEVEL SECURITY;
ALTER TABLE message NO FORCE ROW LEVEL SECURITY;
UPDATE conversation c SET sent_at = (SELECT max(m.at) FROM message m
  WHERE m.space_id = c.space_id AND m.conversation_id = c.conversation_id AND m.state NOT IN ('received', 'draft'));
ALTER TABLE message FORCE ROW LEVEL SECURITY;
ALTER TABLE conversation FORCE ROW LEVEL SECURITY;

-- A page of a folder reads as many lines as it shows, wherever it begins.
DROP INDEX conversation_recent;
CREATE INDEX conversation_inbox ON conversation (space_id, last_at DESC, conversation_id DESC)
  WHERE deleted_at IS NULL AND place = 'inbox';
CREATE INDEX conversation_unread ON conversation (space_id, last_at DESC, conversation_id DESC)
  WHERE deleted_at IS NULL AND place <> 'bin' AND unread > 0;
CREATE INDEX conversation_sent ON conversation (space_id, last_at DESC, conversation_id DESC)
  WHERE deleted_at IS NULL AND place <> 'bin' AND sent_at IS NOT NULL;
CREATE INDEX conversation_ended ON conversation (space_id, last_at DESC, conversation_id DESC)
  WHERE deleted_at IS NULL AND place <> 'bin' AND (place = 'archive' OR ended_at IS NOT NULL);
CREATE INDEX conversation_bin ON conversation (space_id, last_at DESC, conversation_id DESC)
  WHERE deleted_at IS NULL AND place = 'bin';

-- author: the delegation of whoever wrote for the person, NULL for the person; a draft is its author's alone.
ALTER TABLE message ADD COLUMN author uuid;
CREATE INDEX message_draft ON message (space_id, at DESC) WHERE state = 'draft' AND letter_enc IS NOT NULL;

-- shown_at: when they first wrote in a conversation that is not kept apart; NULL: those who act for the person do not know them.
ALTER TABLE mail_contact ADD COLUMN shown_at timestamptz;
ALTER TABLE mail_contact NO FORCE ROW LEVEL SECURITY;
UPDATE mail_contact SET shown_at = last_at;
ALTER TABLE mail_contact FORCE ROW LEVEL SECURITY;

-- messages: whether a carer reads and writes the person's messages; representatives do by law.
ALTER TABLE delegation ADD COLUMN messages boolean NOT NULL DEFAULT false;
