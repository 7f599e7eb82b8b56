"""Value objects of identity: the national health identity (INS) and its traits.

Parsing refuses what cannot be an identity, with a reason, and never repeats the number it was given: a matricule
tells sex, birth date and birth place. For the same reason `repr` of these objects shows nothing. Ignored here: who
owns a matricule (queries), whether two sets of traits agree (`rules.vigilance`), and every other identifier
(`rules.professional_ids`).
"""

import re
from datetime import date
from enum import StrEnum

import msgspec

from carnet.kernel.errors import Invalid, Problem

OID_NIR = "1.2.250.1.213.1.4.8"
OID_NIA = "1.2.250.1.213.1.4.9"
OID_TEST_NIR = "1.2.250.1.213.1.4.10"
OID_TEST_NIA = "1.2.250.1.213.1.4.11"
OID_INS_C = "1.2.250.1.213.1.4.2"
INS_OIDS = frozenset({OID_NIR, OID_NIA, OID_TEST_NIR, OID_TEST_NIA})

_BODY = re.compile(r"[1-478][0-9]{4}(?:[0-9]{2}|2[AB])[0-9]{6}")
_KEY = re.compile(r"[0-9]{2}")
_INSEE = re.compile(r"[0-9]{5}|2[AB][0-9]{3}")
_BIRTH_DATE = re.compile(r"(\d{4})(?:-?(\d{2})(?:-?(\d{2})(?:T?\d{2,}.*|[+-]\d{2}.*|Z)?)?)?")
_CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f]")
MAX_NAME = 100
_MONTHS = 12


def matricule_key(body: str) -> str:
    """Return the two-digit key of a 13-character NIR or NIA: 97 minus the number modulo 97.

    Corsican departments count as 19 (2A) and 18 (2B). `body` must already have the shape of a matricule.
    Source: INSEE, numéro d'inscription au répertoire; décret 82-103 art. 4.
    """
    department = {"2A": "19", "2B": "18"}.get(body[5:7], body[5:7])
    number = int(body[:5] + department + body[7:])
    return f"{97 - number % 97:02d}"


class Ins(msgspec.Struct, frozen=True):
    """A national health identity: 15 characters (13 and key) and the OID of who assigned it.

    Build it with `parse_ins`; the bare constructor is for values read back from our own storage.
    """

    matricule: str
    oid: str

    @property
    def number(self) -> "Nir | Nia":
        """The number as what it legally is: a NIR, or a NIA (waiting for a NIR)."""
        return Nia(self.matricule) if self.oid in {OID_NIA, OID_TEST_NIA} else Nir(self.matricule)

    @property
    def neighbourhood(self) -> str:
        """What people of one sex born in one month and place share: all but the order among them, and the key."""
        return self.matricule[:10]

    @property
    def is_test(self) -> bool:
        """True for the two OIDs reserved for fictitious people."""
        return self.oid in {OID_TEST_NIR, OID_TEST_NIA}

    def __repr__(self) -> str:
        return f"Ins(matricule=<hidden>, oid={self.oid!r})"

    def __rich_repr__(self) -> list[tuple[str, str]]:
        return [("matricule", "<hidden>"), ("oid", self.oid)]


class _Number(msgspec.Struct, frozen=True):
    characters: str

    @property
    def body(self) -> str:
        """The 13 characters before the key."""
        return self.characters[:13]

    @property
    def key(self) -> str:
        """The two check digits."""
        return self.characters[13:]

    def __repr__(self) -> str:
        return f"{type(self).__name__}(<hidden>)"

    def __rich_repr__(self) -> list[tuple[str, str]]:
        return [("", "<hidden>")]


class Nir(_Number, frozen=True):
    """Numéro d'inscription au répertoire: the lasting number of a person born or registered in France."""


class Nia(_Number, frozen=True):
    """Numéro identifiant d'attente: same shape as a NIR, replaced by one when registration completes."""


class Sex(StrEnum):
    """Administrative sex as the INS service and CI-SIS know it; UNKNOWN when a sender left it out."""

    MALE = "M"
    FEMALE = "F"
    INDETERMINATE = "I"
    UNKNOWN = "U"


class IdentityStatus(StrEnum):
    """How far an identity has been checked (RNIV, statuts de confiance). Only QUALIFIEE may feed a space."""

    PROVISOIRE = "provisoire"
    RECUPEREE = "recuperee"
    VALIDEE = "validee"
    QUALIFIEE = "qualifiee"

    @property
    def may_feed(self) -> bool:
        """True when documents may be deposited under this identity (CSP R1111-8-5: qualified INS only)."""
        return self is IdentityStatus.QUALIFIEE


class IdentityTraits(msgspec.Struct, frozen=True):
    """The five traits that go with an INS, and the name in use.

    birth_date: ISO 8601 text, possibly reduced ("1931-06", "1931") because registers hold partial dates; None when
    the sender gave none. birth_place: INSEE code of the commune or country (5 characters), None when unknown.
    given_names: in the order of the birth certificate. Texts are kept as received: comparing them is the business
    of `rules.vigilance`.
    """

    birth_name: str
    given_names: tuple[str, ...] = ()
    sex: Sex = Sex.UNKNOWN
    birth_date: str | None = None
    birth_place: str | None = None
    usual_name: str | None = None

    @property
    def born_on(self) -> date | None:
        """The birth date when it is a whole, real calendar day."""
        try:
            return date.fromisoformat(self.birth_date) if self.birth_date else None
        except ValueError:
            return None

    def __repr__(self) -> str:
        return "IdentityTraits(<hidden>)"

    def __rich_repr__(self) -> list[tuple[str, str]]:
        return [("", "<hidden>")]


def parse_ins(*, matricule: str, oid: str, accepted_oids: frozenset[str] = INS_OIDS, path: str | None = None) -> Ins:
    """Return the INS written as `matricule` (spaces ignored) under `oid` ("urn:oid:" prefix allowed).

    accepted_oids: which authorities this installation trusts (a setting: test OIDs stay out of production).
    Raises `Invalid` with one reason: old INS-C, OID not accepted, missing or wrong key, not a matricule. The number
    itself is never repeated. Source: référentiel INS v2, annexe; ANS, liste des OID des autorités d'affectation.
    """
    bare_oid = oid.strip().removeprefix("urn:oid:")
    characters = re.sub(r"[\s\u00a0]", "", matricule).upper()
    problem = _oid_problem(bare_oid, accepted_oids) or _matricule_problem(characters)
    if problem:
        raise Invalid(msgspec.structs.replace(problem, path=path))
    return Ins(matricule=characters, oid=bare_oid)


def _oid_problem(oid: str, accepted: frozenset[str]) -> Problem | None:
    if oid == OID_INS_C:
        return Problem(
            code="ins-c-obsolete",
            fr="Cet identifiant est un INS-C (22 chiffres calculés), abandonné : il faut un INS qualifié (NIR ou NIA).",
            en="This identifier is an INS-C (22 computed digits), abandoned: a qualified INS (NIR or NIA) is required.",
        )
    if oid not in accepted:
        return Problem(
            code="ins-oid-not-accepted",
            fr="L'autorité d'affectation (OID) de l'INS n'est pas acceptée ici.",
            en="The assigning authority (OID) of the INS is not accepted here.",
        )
    return None


def _matricule_problem(characters: str) -> Problem | None:
    body, key = characters[:13], characters[13:]
    if _BODY.fullmatch(body) is None:
        return Problem(
            code="ins-malformed",
            fr="Le matricule INS n'a pas la forme attendue : 13 caractères puis une clé de 2 chiffres.",
            en="The INS matricule does not have the expected form: 13 characters then a 2-digit key.",
        )
    if key == "":
        return Problem(
            code="ins-key-missing",
            fr="La clé du matricule INS manque : 15 caractères sont attendus (13 et la clé de 2 chiffres).",
            en="The key of the INS matricule is missing: 15 characters are expected (13 and the 2-digit key).",
        )
    if _KEY.fullmatch(key) is None:
        return Problem(
            code="ins-malformed",
            fr="Le matricule INS doit compter exactement 15 caractères : 13 puis une clé de 2 chiffres.",
            en="The INS matricule must have exactly 15 characters: 13 then a 2-digit key.",
        )
    if key != matricule_key(body):
        return Problem(
            code="ins-key-wrong",
            fr="La clé du matricule INS ne correspond pas au numéro : l'un des deux est mal saisi.",
            en="The key of the INS matricule does not match the number: one of them is mistyped.",
        )
    return None


def parse_birth_date(text: str, *, path: str | None = None) -> str:
    """Return `text` as ISO 8601, possibly reduced: "19790328", "1979-03-28T…", "197903", "1979" are all read.

    Days and months written 00, and months above 12 that registers use for lunar calendars, are unknown parts and
    dropped. Raises `Invalid` when it is not a date. Source: CDA R2 TS; INSEE conventions for partial birth dates.
    """
    match = _BIRTH_DATE.fullmatch(text.strip())
    if match is None:
        raise Invalid(_bad_birth_date(path))
    year, month, day = match.groups()
    if month is None or not 1 <= int(month) <= _MONTHS:
        return str(year)
    if day in {None, "00"}:
        return f"{year}-{month}"
    try:
        return date(int(year), int(month), int(day)).isoformat()
    except ValueError:
        raise Invalid(_bad_birth_date(path)) from None


def _bad_birth_date(path: str | None) -> Problem:
    return Problem(
        code="birth-date-malformed",
        fr="La date de naissance n'est pas une date (attendu : AAAA-MM-JJ, éventuellement incomplète).",
        en="The birth date is not a date (expected: YYYY-MM-DD, possibly incomplete).",
        path=path,
    )


def parse_birth_place(code: str, *, path: str | None = None) -> str:
    """Return an INSEE code of commune or country (5 characters, Corsica 2A/2B). Raises `Invalid` otherwise."""
    stripped = code.strip().upper()
    if _INSEE.fullmatch(stripped) is None:
        raise Invalid(
            Problem(
                code="birth-place-malformed",
                fr="Le lieu de naissance n'est pas un code officiel géographique (5 caractères).",
                en="The birth place is not an official geographic code (5 characters).",
                path=path,
            )
        )
    return stripped


def parse_traits(
    *,
    birth_name: str,
    given_names: tuple[str, ...] = (),
    sex: str = "U",
    birth_date: str | None = None,
    birth_place: str | None = None,
    usual_name: str | None = None,
    path: str | None = None,
) -> IdentityTraits:
    """Return identity traits read from text. Raises `Invalid` with every problem found, in order of the traits.

    sex: M, F, I, U or the FHIR words male, female, other, unknown. Names: 1 to 100 characters, no control character.
    """
    problems: list[Problem] = []
    where = f"{path}." if path else ""
    for name, field in _named(birth_name, given_names, usual_name):
        if not name.strip() or len(name) > MAX_NAME or _CONTROL.search(name):
            problems.append(_bad_name(f"{where}{field}"))
    known_sex = _SEXES.get(sex.strip().lower())
    if known_sex is None:
        problems.append(
            Problem("sex-unknown-code", "Le code de sexe est inconnu.", "The sex code is unknown.", f"{where}sex")
        )
    date_text = place = None
    try:
        date_text = parse_birth_date(birth_date, path=f"{where}birth_date") if birth_date else None
    except Invalid as refused:
        problems.extend(refused.problems)
    try:
        place = parse_birth_place(birth_place, path=f"{where}birth_place") if birth_place else None
    except Invalid as refused:
        problems.extend(refused.problems)
    if problems or known_sex is None:
        raise Invalid(*problems)
    return IdentityTraits(
        birth_name=birth_name.strip(),
        given_names=tuple(given.strip() for given in given_names),
        sex=known_sex,
        birth_date=date_text,
        birth_place=place,
        usual_name=(usual_name or "").strip() or None,
    )


def _named(birth_name: str, given_names: tuple[str, ...], usual_name: str | None) -> list[tuple[str, str]]:
    usual = [(usual_name, "usual_name")] if usual_name and usual_name.strip() else []
    return [(birth_name, "birth_name"), *((given, "given_names") for given in given_names), *usual]


_SEXES = {
    "m": Sex.MALE,
    "f": Sex.FEMALE,
    "i": Sex.INDETERMINATE,
    "u": Sex.UNKNOWN,
    "male": Sex.MALE,
    "female": Sex.FEMALE,
    "other": Sex.INDETERMINATE,
    "unknown": Sex.UNKNOWN,
}


def _bad_name(path: str) -> Problem:
    return Problem(
        code="name-malformed",
        fr="Un nom est vide, trop long (100 caractères au plus) ou contient un caractère de contrôle.",
        en="A name is empty, too long (100 characters at most) or contains a control character.",
        path=path,
    )
