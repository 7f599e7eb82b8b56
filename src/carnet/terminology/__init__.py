"""The public nomenclatures a document's metadata is written in, as data."""
