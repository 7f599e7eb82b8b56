"""French words, compared as people mean them: what a text says, what is asked of it, where it answers. Pure."""
