"""What the house stands on: database, keys, blobs, jobs, clock. No rule about health or persons lives here."""
