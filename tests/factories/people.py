"""Fictitious people: deterministic, under the test OID, so that no test ever holds a real identity."""

import random

from carnet.identity.data import OID_TEST_NIR, IdentityTraits, Ins, Sex, matricule_key

_FEMALE = ("Anaïs", "Béatrice", "Chloé", "Élodie", "Françoise", "Inès", "Maëlle", "Noémie", "Solène", "Zoé")
_MALE = ("Aurélien", "Benoît", "Clément", "Damien", "Étienne", "Gaël", "Jérôme", "Loïc", "Rémi", "Théo")
_NAMES = (
    "Abadie",
    "Bézier",
    "Chevallier",
    "D'Arcy",
    "Fœssel",
    "Guéguen",
    "Le Goff",
    "Müller",
    "N'Diaye",
    "Saint-Amand",
)
_PLACES = ("13055", "2A004", "2B033", "31555", "44109", "59350", "67482", "69123", "75056", "97411")


def _dice(seed: int) -> random.Random:
    return random.Random(f"people-{seed}")


def make_traits(
    seed: int = 1,
    *,
    birth_name: str | None = None,
    given_names: tuple[str, ...] | None = None,
    sex: Sex | None = None,
    birth_date: str | None = None,
    birth_place: str | None = None,
    usual_name: str | None = None,
) -> IdentityTraits:
    """Return the traits of fictitious person number `seed`; any trait given replaces the drawn one."""
    dice = _dice(seed)
    drawn_sex = dice.choice((Sex.FEMALE, Sex.MALE))
    actual_sex = sex or drawn_sex
    first_names = dice.sample(range(10), 2)
    drawn_date = f"{dice.randint(1925, 2024)}-{dice.randint(1, 12):02d}-{dice.randint(1, 28):02d}"
    pool = _MALE if actual_sex is Sex.MALE else _FEMALE
    return IdentityTraits(
        birth_name=birth_name or dice.choice(_NAMES),
        given_names=given_names if given_names is not None else tuple(pool[i] for i in first_names),
        sex=actual_sex,
        birth_date=birth_date or drawn_date,
        birth_place=birth_place or dice.choice(_PLACES),
        usual_name=usual_name,
    )


def make_ins(seed: int = 1, *, oid: str = OID_TEST_NIR) -> Ins:
    """Return a well-formed INS that agrees with `make_traits(seed)`; distinct seeds below 1,000 are distinct people."""
    traits = make_traits(seed)
    born = traits.birth_date or "1970-01-01"
    place = traits.birth_place or "75056"
    body = f"{'1' if traits.sex is Sex.MALE else '2'}{born[2:4]}{born[5:7]}{place}{seed % 1000:03d}"
    return Ins(matricule=body + matricule_key(body), oid=oid)
