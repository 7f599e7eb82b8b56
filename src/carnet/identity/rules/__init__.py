"""Pure rules on identities: no database, no clock."""
