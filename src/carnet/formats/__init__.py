"""Document bytes, read as if every sender were hostile. No database, no HTTP, no clock."""
