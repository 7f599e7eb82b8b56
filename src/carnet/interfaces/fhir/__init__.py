"""FHIR R4 over HTTP: IHE MHD for care software and professionals. Parses, calls the records once, answers."""
