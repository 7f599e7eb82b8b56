"""Documents of a space: deposited, listed, read, masked, replaced, deleted."""
