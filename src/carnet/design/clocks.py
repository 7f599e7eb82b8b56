"""By whose clock an hour is, said in words where it is not Paris's. Ignores which zone somebody lives in."""

from typing import Final

from carnet.design.language import Code

_CLOCKS: Final[dict[str, dict[Code, str]]] = {
    "America/Guadeloupe": {"fr": "heure de la Guadeloupe", "en": "Guadeloupe time"},
    "America/Martinique": {"fr": "heure de la Martinique", "en": "Martinique time"},
    "America/Cayenne": {"fr": "heure de la Guyane", "en": "French Guiana time"},
    "America/Miquelon": {"fr": "heure de Saint-Pierre-et-Miquelon", "en": "Saint Pierre and Miquelon time"},
    "America/St_Barthelemy": {"fr": "heure de Saint-Barthélemy", "en": "Saint Barthélemy time"},
    "America/Marigot": {"fr": "heure de Saint-Martin", "en": "Saint Martin time"},
    "Indian/Reunion": {"fr": "heure de La Réunion", "en": "Réunion time"},
    "Indian/Mayotte": {"fr": "heure de Mayotte", "en": "Mayotte time"},
    "Pacific/Wallis": {"fr": "heure de Wallis-et-Futuna", "en": "Wallis and Futuna time"},
    "Pacific/Tahiti": {"fr": "heure de Tahiti", "en": "Tahiti time"},
    "Pacific/Noumea": {"fr": "heure de la Nouvelle-Calédonie", "en": "New Caledonia time"},
}
"""By IANA zone: every one a person of this country may live in, but Paris's."""


def clock_name(zone: str, *, code: Code) -> str:
    """Return "heure de La Réunion", "Réunion time"; "" for Paris, whose clock is everybody's until said otherwise."""
    return _CLOCKS.get(zone, {}).get(code, "")
