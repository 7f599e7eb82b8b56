"""National identifiers of professionals and of care organisations, as documents and tokens write them.

The first digit says which register a number comes from. Shapes are always checked; check digits only on request: they
are a rule for our own directory, while a document may name an author whose number was mistyped years ago.
Source: annexe "identifiants" of the CI-SIS structural volet (OID 1.2.250.1.71.4.2.1 and .2); file descriptions of the
RPPS and FINESS registers for the Luhn key.
"""

import re
from enum import StrEnum

import msgspec

from carnet.kernel.errors import Invalid, Problem

OID_PROFESSIONAL = "1.2.250.1.71.4.2.1"
OID_STRUCTURE = "1.2.250.1.71.4.2.2"


class ProfessionalRegister(StrEnum):
    """Where a professional's number comes from."""

    RPPS = "rpps"
    ADELI = "adeli"
    FINESS_INTERNAL = "finess-internal"
    SIREN_INTERNAL = "siren-internal"
    SIRET_INTERNAL = "siret-internal"


class StructureRegister(StrEnum):
    """Where an organisation's number comes from."""

    FINESS = "finess"
    SIREN = "siren"
    SIRET = "siret"
    RPPS_RANK = "rpps-rank"
    ADELI_RANK = "adeli-rank"


class ProfessionalId(msgspec.Struct, frozen=True):
    """A professional's number without its prefix, and the register it belongs to."""

    register: ProfessionalRegister
    value: str

    @property
    def national(self) -> str:
        """The number with its prefix digit (IdNat_PS), as tokens and CDA write it."""
        return _PREFIX_OF[self.register] + self.value


class StructureId(msgspec.Struct, frozen=True):
    """An organisation's number without its prefix, and the register it belongs to."""

    register: StructureRegister
    value: str

    @property
    def national(self) -> str:
        """The number with its prefix digit (IdNat_Struct)."""
        return _STRUCTURE_PREFIX_OF[self.register] + self.value


_DEPARTMENT_NUMBER = r"(?:[0-9]{2}|2[AB])[0-9]{7}"
_PROFESSIONAL = (
    (re.compile(r"0([0-9][0-9AB][0-9]{7})"), ProfessionalRegister.ADELI),
    (re.compile(rf"[13]({_DEPARTMENT_NUMBER}/[\w.\-]{{1,40}})"), ProfessionalRegister.FINESS_INTERNAL),
    (re.compile(r"4([0-9]{9}/[\w.\-]{1,40})"), ProfessionalRegister.SIREN_INTERNAL),
    (re.compile(r"5([0-9]{14}/[\w.\-]{1,40})"), ProfessionalRegister.SIRET_INTERNAL),
    (re.compile(r"[68]([0-9]{11})"), ProfessionalRegister.RPPS),
    (re.compile(r"([0-9]{11})"), ProfessionalRegister.RPPS),
)
_PREFIX_OF = {
    ProfessionalRegister.ADELI: "0",
    ProfessionalRegister.FINESS_INTERNAL: "3",
    ProfessionalRegister.SIREN_INTERNAL: "4",
    ProfessionalRegister.SIRET_INTERNAL: "5",
    ProfessionalRegister.RPPS: "8",
}
_STRUCTURE = (
    (re.compile(r"0([0-9][0-9AB][0-9]{7}[0-9]{2})"), StructureRegister.ADELI_RANK),
    (re.compile(rf"1({_DEPARTMENT_NUMBER})"), StructureRegister.FINESS),
    (re.compile(r"2([0-9]{9})"), StructureRegister.SIREN),
    (re.compile(r"3([0-9]{14})"), StructureRegister.SIRET),
    (re.compile(r"4([0-9]{13,14})"), StructureRegister.RPPS_RANK),
    (re.compile(rf"({_DEPARTMENT_NUMBER})"), StructureRegister.FINESS),
)
_STRUCTURE_PREFIX_OF = {
    StructureRegister.ADELI_RANK: "0",
    StructureRegister.FINESS: "1",
    StructureRegister.SIREN: "2",
    StructureRegister.SIRET: "3",
    StructureRegister.RPPS_RANK: "4",
}
_NINE = 9


def luhn_holds(digits: str) -> bool:
    """Tell whether a string of digits ends with its Luhn key (ISO/IEC 7812-1 annex B)."""
    total = 0
    for position, character in enumerate(reversed(digits)):
        value = int(character) * (2 if position % 2 else 1)
        total += value - _NINE if value > _NINE else value
    return total % 10 == 0


def parse_professional_id(text: str, *, check_key: bool = False, path: str | None = None) -> ProfessionalId:
    """Return the professional's number written as `text`: IdNat_PS with its prefix, or a bare 11-digit RPPS.

    check_key: also refuse an RPPS whose Luhn key is wrong. Raises `Invalid`.
    """
    compact = _compact(text)
    for pattern, register in _PROFESSIONAL:
        if match := pattern.fullmatch(compact):
            found = ProfessionalId(register, match.group(1))
            if check_key and register is ProfessionalRegister.RPPS and not luhn_holds(found.value):
                raise Invalid(_wrong_key(path))
            return found
    raise Invalid(
        Problem(
            code="professional-id-malformed",
            fr="Ce n'est pas un identifiant national de professionnel (RPPS : 11 chiffres, ou 8 puis 11 chiffres).",
            en="This is not a professional's national identifier (RPPS: 11 digits, or 8 then 11 digits).",
            path=path,
        )
    )


def parse_structure_id(text: str, *, check_key: bool = False, path: str | None = None) -> StructureId:
    """Return the organisation's number written as `text`: IdNat_Struct with its prefix, or a bare 9-character FINESS.

    check_key: also refuse a FINESS or SIREN whose Luhn key is wrong; Corsican FINESS numbers hold a letter and have no
    published rule, so theirs is never checked. Raises `Invalid`.
    """
    compact = _compact(text)
    for pattern, register in _STRUCTURE:
        if match := pattern.fullmatch(compact):
            found = StructureId(register, match.group(1))
            keyed = register in {StructureRegister.FINESS, StructureRegister.SIREN} and found.value.isdigit()
            if check_key and keyed and not luhn_holds(found.value):
                raise Invalid(_wrong_key(path))
            return found
    raise Invalid(
        Problem(
            code="structure-id-malformed",
            fr="Ce n'est pas un identifiant national de structure (FINESS : 9 caractères, ou 1 puis 9 caractères).",
            en="This is not an organisation's national identifier (FINESS: 9 characters, or 1 then 9 characters).",
            path=path,
        )
    )


def parse_finess(text: str, *, check_key: bool = True, path: str | None = None) -> str:
    """Return the nine characters of a FINESS number, written bare or with its prefix 1. Raises `Invalid`."""
    found = parse_structure_id(text, check_key=check_key, path=path)
    if found.register is not StructureRegister.FINESS:
        raise Invalid(
            Problem(
                code="finess-expected",
                fr="Un numéro FINESS (9 caractères) est attendu.",
                en="A FINESS number (9 characters) is expected.",
                path=path,
            )
        )
    return found.value


def _compact(text: str) -> str:
    return re.sub(r"[\s\u00a0]", "", text).upper()


def _wrong_key(path: str | None) -> Problem:
    return Problem(
        code="identifier-key-wrong",
        fr="Le dernier chiffre (clé de contrôle) de l'identifiant ne correspond pas aux autres.",
        en="The last digit (check key) of the identifier does not match the others.",
        path=path,
    )
