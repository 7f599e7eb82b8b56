"""Who did what, when, on what ground: append-only, per space, without a title or a medical word."""
