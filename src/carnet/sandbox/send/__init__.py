"""A care software in miniature: reads files, deposits them over real HTTP, says what was accepted and refused."""
