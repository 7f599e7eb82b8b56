"""Fictitious national identifiers with a right key, so that tests never need a real person's."""

TEST_INS_OID = "1.2.250.1.213.1.4.10"
DEFAULT_NIR = "2790351215189"


def nir_key(thirteen: str) -> str:
    """Return the two-digit key of a 13-character NIR (Corsica: 2A counts as 19, 2B as 18)."""
    digits = thirteen.upper().replace("2A", "19").replace("2B", "18")
    return f"{97 - int(digits) % 97:02d}"


def matricule(thirteen: str = DEFAULT_NIR) -> str:
    """Return the 15-character matricule INS."""
    return thirteen + nir_key(thirteen)
