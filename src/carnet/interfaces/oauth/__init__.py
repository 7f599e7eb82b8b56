"""The door of OAuth: tokens for care software, and what proves them at other doors."""
