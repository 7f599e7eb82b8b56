"""One file per interaction; each links the paragraph of the standard it carries out."""
