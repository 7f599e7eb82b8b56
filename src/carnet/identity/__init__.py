"""People, professionals, organisations and software: who they are, and how sure we are of it."""
