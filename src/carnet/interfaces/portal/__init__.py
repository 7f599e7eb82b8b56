"""The person's pages: parse, one call to the domain, render. Whatever is decided here is only about display."""
