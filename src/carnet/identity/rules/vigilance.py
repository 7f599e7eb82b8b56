"""Identity vigilance: does the person a document is about look like the person the space belongs to?

A right matricule with someone else's name is the classic way to put a document in a stranger's record. Birth name, sex
and birth date must therefore agree; everything else is written down for people to look at. Names are compared after
removing what keyboards and registers change: case, accents, ligatures, hyphens, apostrophes, spaces. Nothing here is
fuzzy: one other letter is another name.
Source: référentiel national d'identitovigilance (RNIV 1, traits stricts); CSP R1111-8-1 to R1111-8-7.
"""

import re
import unicodedata
from enum import StrEnum

import msgspec

from carnet.identity.data import IdentityTraits, Sex
from carnet.kernel.errors import Problem


class Trait(StrEnum):
    """The traits that are compared."""

    BIRTH_NAME = "birth-name"
    SEX = "sex"
    BIRTH_DATE = "birth-date"
    GIVEN_NAMES = "given-names"
    BIRTH_PLACE = "birth-place"
    USUAL_NAME = "usual-name"


class Gap(StrEnum):
    """How a trait differs: another value, or not given by the sender (or not known to us)."""

    DIFFERENT = "different"
    MISSING = "missing"
    UNKNOWN_HERE = "unknown-here"


class Difference(msgspec.Struct, frozen=True):
    """One trait that does not agree. Holds no value: a difference may be logged and listed."""

    trait: Trait
    gap: Gap


class VigilanceResult(msgspec.Struct, frozen=True):
    """What comparing two sets of traits gives.

    accepted: no blocking difference. blocking: reasons to refuse. flags: differences to keep for the operator.
    """

    accepted: bool
    blocking: tuple[Difference, ...]
    flags: tuple[Difference, ...]


STRICT = frozenset({Trait.BIRTH_NAME, Trait.SEX, Trait.BIRTH_DATE})

_LIGATURES = str.maketrans({"œ": "oe", "æ": "ae", "ø": "o", "ł": "l", "đ": "d", "ı": "i"})
_BORN = re.compile(r".*\bn(?:ée?|ee)\s+(?=\w)")
_MARRIED = re.compile(r"\s+(?:[ée]pouse|[ée]p\.|veuve|vve\.?)\s.*")
_NOT_A_LETTER = re.compile(r"[\W_]+")


def _lower(text: str) -> str:
    return unicodedata.normalize("NFC", text).casefold()


def words(text: str) -> tuple[str, ...]:
    """Return the words of a name without case, accents, ligatures, hyphens or apostrophes.

    "Fœssel-D'Arcy" gives ("foessel", "d", "arcy"). Letters of other alphabets are kept: they are another name.
    """
    plain = unicodedata.normalize("NFKD", _lower(text).translate(_LIGATURES))
    bare = "".join(character for character in plain if not unicodedata.combining(character))
    return tuple(word for word in _NOT_A_LETTER.split(bare) if word)


def normalised_birth_name(text: str) -> str:
    """Return a birth name ready for comparison; "Durand née Martin" and "Martin épouse Durand" are both Martin."""
    without_born = _BORN.sub("", _lower(text).strip(), count=1)
    return "".join(words(_MARRIED.sub("", without_born)))


def compare(
    known: IdentityTraits, received: IdentityTraits, *, required: frozenset[Trait] = frozenset()
) -> VigilanceResult:
    """Compare the traits of the space's holder with those a sender gave.

    A different birth name, sex or birth date blocks. A trait the sender left out is a flag, unless it is in `required`.
    """
    differences = [
        *_strict(known, received),
        *_given_names(known.given_names, received.given_names),
        *_text(Trait.BIRTH_PLACE, known.birth_place or "", received.birth_place or ""),
        *_usual_name(known, received),
    ]
    blocking = tuple(found for found in differences if _blocks(found, required))
    flags = tuple(found for found in differences if not _blocks(found, required))
    return VigilanceResult(accepted=not blocking, blocking=blocking, flags=flags)


def _blocks(found: Difference, required: frozenset[Trait]) -> bool:
    if found.gap is Gap.DIFFERENT:
        return found.trait in STRICT
    return found.gap is Gap.MISSING and found.trait in required


def _strict(known: IdentityTraits, received: IdentityTraits) -> list[Difference]:
    sexes = ["" if traits.sex is Sex.UNKNOWN else traits.sex.value for traits in (known, received)]
    return [
        *_birth_names(known.birth_name, received.birth_name),
        *_text(Trait.SEX, *sexes),
        *_text(Trait.BIRTH_DATE, known.birth_date or "", received.birth_date or ""),
    ]


def _birth_names(known: str, received: str) -> list[Difference]:
    if known == received:
        return []  # most are written the same: taking both apart would not make them differ
    # A name without any letter is a wrong name, not a missing one.
    names = [normalised_birth_name(name) or name.strip() for name in (known, received)]
    return _text(Trait.BIRTH_NAME, *names)


def _text(trait: Trait, known: str, received: str) -> list[Difference]:
    if known == received:
        return []
    gap = Gap.MISSING if not received else Gap.UNKNOWN_HERE if not known else Gap.DIFFERENT
    return [Difference(trait, gap)]


def _given_names(known: tuple[str, ...], received: tuple[str, ...]) -> list[Difference]:
    """First names may come reordered, or cut short: after some of them, or in the middle of the last one."""
    if known == received:
        return []
    ours, theirs = words(" ".join(known)), words(" ".join(received))
    if sorted(ours) == sorted(theirs) or (ours and theirs and _cut_short(*sorted((theirs, ours), key=_length))):
        return []
    return _text(Trait.GIVEN_NAMES, " ".join(ours), " ".join(theirs))


def _length(names: tuple[str, ...]) -> int:
    return len("".join(names))


def _cut_short(short: tuple[str, ...], full: tuple[str, ...]) -> bool:
    if len(short) > len(full):
        return False
    *whole, last = short
    if list(full[: len(whole)]) != whole:
        return False
    return full[len(whole)] == last or (bool(whole) and full[len(whole)].startswith(last))


def _usual_name(known: IdentityTraits, received: IdentityTraits) -> list[Difference]:
    names = [traits.usual_name or traits.birth_name for traits in (known, received)]
    if received.usual_name is None:
        return []
    return _text(Trait.USUAL_NAME, *("".join(words(name)) for name in names))


_NAMES = {
    Trait.BIRTH_NAME: ("le nom de naissance", "birth name"),
    Trait.SEX: ("le sexe", "sex"),
    Trait.BIRTH_DATE: ("la date de naissance", "birth date"),
    Trait.GIVEN_NAMES: ("les prénoms", "given names"),
    Trait.BIRTH_PLACE: ("le lieu de naissance", "birth place"),
    Trait.USUAL_NAME: ("le nom utilisé", "usual name"),
}


def problems_of(result: VigilanceResult, *, path: str | None = None) -> tuple[Problem, ...]:
    """Return the blocking differences as reasons for people, without any value. Empty when accepted."""
    return tuple(_problem(found, path) for found in result.blocking)


def _problem(found: Difference, path: str | None) -> Problem:
    french, english = _NAMES[found.trait]
    if found.gap is Gap.MISSING:
        sentences = (f"Il manque un trait d'identité : {french}.", f"An identity trait is missing: {english}.")
    else:
        sentences = (
            f"Un trait d'identité ne correspond pas au titulaire de l'espace : {french}.",
            f"An identity trait does not match the holder of the space: {english}.",
        )
    return Problem(f"identity-{found.trait}-{found.gap}", *sentences, path)
