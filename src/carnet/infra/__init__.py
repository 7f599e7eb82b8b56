"""What every capability stands on: database, keys, blobs, jobs, clock, web plumbing. Knows nothing about health."""
