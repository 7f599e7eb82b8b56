"""Who may see what: the matrix, authorisations, blocking, masking, and the one decision made of them."""
