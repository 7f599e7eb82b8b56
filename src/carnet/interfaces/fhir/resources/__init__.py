"""FHIR resources read into our data, and the few we write here. Pure functions."""
