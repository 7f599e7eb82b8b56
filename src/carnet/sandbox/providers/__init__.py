"""Services a country runs around a health space: identity providers, the INS service, the post."""
