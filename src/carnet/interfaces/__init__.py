"""The doors of Carnet: each speaks one protocol, decides nothing, and ignores the others."""
