"""The health directory of the fictitious country, as a file or a page: what `carnet directory import` reads.

Shape: `{"version": 1, "date": …, "organisations": […], "professionals": […]}`; one line per person and workplace.
"""

from pathlib import Path
from typing import Any

import msgspec

from carnet.sandbox.population.data import Population


def directory_feed(population: Population) -> dict[str, Any]:
    """Organisations and professionals, codes and labels included."""
    return {
        "version": 1,
        "date": population.today.isoformat(),
        "organisations": [
            {
                "finess": place.finess,
                "national_id": place.national_id,
                "name": place.name,
                "facility_type": place.facility_type,
                "facility_label": place.facility_label,
                "practice_setting": place.practice_setting,
                "practice_label": place.practice_label,
                "address": msgspec.to_builtins(place.address),
                "phone": place.phone,
            }
            for place in population.organisations
        ],
        "professionals": [
            {
                "rpps": one.rpps,
                "national_id": one.national_id,
                "family": one.family,
                "given": one.given,
                "civility": one.civility,
                "title": one.title,
                "profession": one.profession,
                "profession_label": one.profession_label,
                "specialty": one.specialty,
                "role_code": one.role_code,
                "finess": population.workplace(one).finess,
                "mssante": one.mailbox,
            }
            for one in population.professionals
        ],
    }


def write_directory_feed(population: Population, path: Path) -> Path:
    """Write the feed as JSON; returns the path. OSError when it cannot be written."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(msgspec.json.format(msgspec.json.encode(directory_feed(population)), indent=2))
    return path
