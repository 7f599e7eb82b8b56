"""Files of fictitious beneficiaries, test INS only: any number of them, each line known in advance."""

from pathlib import Path

from carnet.identity.data import matricule_key
from carnet.spaces.rules.beneficiaries import COLUMNS

OID = "1.2.250.1.213.1.4.10"
HEADER = ";".join(COLUMNS) + "\n"
_POSTCODES = ("31000", "44000", "80000", "75001", "20167", "97400")
NAMES = ("ABADIE", "BEZIER", "CHEVALLIER", "D'ARCY", "GUEGUEN", "N'DIAYE", "SAINT-AMAND")


def beneficiary_matricule(number: int) -> str:
    """The INS of fictitious beneficiary `number`: distinct below 24 million."""
    order, rest = number % 1000, number // 1000
    commune, rest = rest % 900, rest // 900
    body = f"2{40 + rest % 60:02d}{1 + rest // 60 % 12:02d}31{commune:03d}{order:03d}"
    return body + matricule_key(body)


def line(number: int, **given: str) -> str:
    """One line of the file; any column given replaces the usual."""
    month = 1 + number // 1000 // 900 // 60 % 12
    fields = {
        "matricule": beneficiary_matricule(number),
        "oid": OID,
        "nom_naissance": NAMES[number % 7],
        "prenoms": "ZOE|ANNE",
        "sexe": "F",
        "date_naissance": f"{1940 + number // 1000 // 900 % 60}-{month:02d}-{1 + number % 28:02d}",
        "lieu_naissance": f"31{number // 1000 % 900:03d}",
        "nom_usage": "",
        "email": f"personne{number}@exemple.invalid" if number % 3 == 0 else "",
        "telephone": "",
        "adresse": f"{number} RUE DES ESSAIS|BATIMENT B",
        "code_postal": _POSTCODES[number % len(_POSTCODES)],
        "commune": "VILLE-ESSAI",
        "representants": "",
        "evenement": "",
    }
    return ";".join(str(value) for value in (fields | given).values()) + "\n"


def beneficiary_file(path: Path, lines: list[str] | range) -> Path:
    """Write a file of these lines, or of these beneficiaries."""
    with path.open("w", encoding="utf-8") as file:
        file.write(HEADER)
        file.writelines(line(one) if isinstance(one, int) else one for one in lines)
    return path
