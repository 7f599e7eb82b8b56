"""The professional's pages: find a patient by INS, record their agreement, list, open, deposit. Nobody is listed."""
