"""Builders of CDA R2 documents after the CI-SIS "Structuration minimale" and its content models."""
