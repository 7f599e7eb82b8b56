"""The fictitious people, professionals, organisations and care software of the sandbox."""
