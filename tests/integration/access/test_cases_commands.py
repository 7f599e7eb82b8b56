"""The desk at the command line: what is open, how it ends; numbers and dates, and nothing of the patient."""

import contextlib
from uuid import uuid4

import pytest

from carnet.access.api import dispute_access, record_consent
from carnet.config import cases_commands, connect
from carnet.infra import clock
from factories.events import as_owner
from factories.world import make_person, make_professional


@pytest.fixture
def at_the_desk(house, monkeypatch):
    """The commands find the house of the tests already open."""

    @contextlib.asynccontextmanager
    async def connected(_settings, *, name):
        yield

    monkeypatch.setattr(connect, "connected", connected)


async def test_a_disputed_access_is_listed_and_closed_once(house, at_the_desk, capsys):
    at = clock.now()
    person, doctor = await make_person(at=at), await make_professional(at=at)
    await record_consent(actor=doctor, space=person.space, at=at)
    said = "Je ne connais pas ce médecin."
    case = await dispute_access(actor=person.actor, space=person.space, rpps=doctor.rpps, statement=said, at=at)
    await cases_commands.list_command(None)
    printed = capsys.readouterr().out
    (line,) = [one for one in printed.splitlines() if str(case) in one]
    assert f"dispute\t{doctor.rpps}" in line
    for secret in (said, person.space.hex, str(person.space), person.traits.birth_name, person.ins.matricule):
        assert secret not in printed
    assert not await cases_commands.close_command(None, case=case, outcome="forgotten")
    assert not await cases_commands.close_command(None, case=uuid4(), outcome="justified")
    assert await cases_commands.close_command(None, case=case, outcome="recognised")
    assert not await cases_commands.close_command(None, case=case, outcome="recognised")
    capsys.readouterr()
    await cases_commands.list_command(None)
    assert str(case) not in capsys.readouterr().out
    with as_owner(house) as conn:
        found = conn.execute("SELECT outcome FROM access_dispute WHERE case_id = %s", (case,)).fetchone()
    assert found == ("recognised",)
