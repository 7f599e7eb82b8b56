"""What the pilot's pages show, as data."""
