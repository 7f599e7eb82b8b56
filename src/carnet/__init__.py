"""Carnet: one private, lasting health space per person, for a whole country."""

__version__ = "0.1.0"
