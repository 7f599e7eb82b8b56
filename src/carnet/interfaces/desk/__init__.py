"""The desk: support (the 3422) and counter agents act on the life of a space, never on what is in it."""
