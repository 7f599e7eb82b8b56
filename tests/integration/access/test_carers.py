"""How many people one carer helps: no more than the settings let them, however many ask at the same instant."""

import asyncio

import pytest

from carnet.access.queries.places import Side
from carnet.kernel.errors import Invalid
from factories.families import help_with
from factories.world import make_person


@pytest.mark.parametrize("planted", [False, True])
async def test_nobody_helps_more_than_five_people(house, monkeypatch, planted):
    """The planted fault: whom somebody helps already is not counted."""
    carer = await make_person()
    for _ in range(4):
        await help_with(await make_person(), carer)
    if planted:

        async def nobody(_):
            return 0

        monkeypatch.setattr(Side, "helped", nobody)
    both = [await make_person() for _ in range(2)]
    done = await asyncio.gather(*(help_with(one, carer) for one in both), return_exceptions=True)
    refused = [one for one in done if isinstance(one, BaseException)]
    assert [type(one) for one in refused] == ([] if planted else [Invalid])
    assert all(one.problems[0].code == "helps-enough" for one in refused)
