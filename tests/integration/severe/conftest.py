"""Whole houses that are killed: what they need that others also have."""

from factories.simulator import simulator
