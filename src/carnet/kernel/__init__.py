"""Plain Python shared by every layer: identifiers, actors, decisions, errors. No third-party import but msgspec."""
