"""Messages between professionals and persons: conversations, what arrives, what leaves. Speaks no SMTP."""
