"""What the professional's pages show, decided here from plain facts; templates only draw it."""
