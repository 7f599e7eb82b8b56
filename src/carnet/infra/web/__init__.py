"""Web plumbing every door shares: audiences, request ids, limits, security headers. Knows no page and no resource."""
