"""The pilot's view: how many, never who."""
