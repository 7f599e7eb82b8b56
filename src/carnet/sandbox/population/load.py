"""Reads the seed file once; everything about the population follows from it."""

from functools import cache
from pathlib import Path

import msgspec

from carnet.sandbox.population.data import Population

SEED = Path(__file__).with_name("seed.toml")


@cache
def load_population() -> Population:
    """The population of `seed.toml`. Raises msgspec.ValidationError when the file is malformed."""
    raw = msgspec.toml.decode(SEED.read_bytes())
    return msgspec.convert(
        {
            "today": raw["today"],
            "organisations": raw["organisation"],
            "softwares": raw["software"],
            "professionals": raw["professional"],
            "persons": raw["person"],
        },
        Population,
    )
