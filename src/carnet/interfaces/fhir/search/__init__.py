"""Searching: parameters read into a query, pages handed out."""
