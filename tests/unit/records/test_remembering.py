"""Who signs for an organisation is worked out once: told apart by all that was written, bounded, and never at home."""

import msgspec
import pytest

from carnet.formats.cda import Code, Identifier, Organisation, Participant, PersonName
from carnet.records.data import Author, Coding
from carnet.records.rules import cda_header, declared_metadata, remembering

PLACE = Organisation((Identifier("1.2", "3"),), "Laboratoire des Tilleuls", None)
SIGNED = Participant((Identifier("1.2", "3"),), PersonName(family="Marchand", given=("Claire",)), None, PLACE)
SIGNERS = (
    SIGNED,
    msgspec.structs.replace(SIGNED, function=Code("PCP", "1.2", None)),
    msgspec.structs.replace(SIGNED, specialty=Code("SM26", "1.2", "Médecin")),
    msgspec.structs.replace(SIGNED, organisation=msgspec.structs.replace(PLACE, name="Laboratoire des Ormes")),
    msgspec.structs.replace(SIGNED, name=PersonName(family="Marchand", given=("Clara",))),
    msgspec.structs.replace(SIGNED, organisation=None),
)
AUTHOR = Author(kind="practitioner", family_name="Marchand", given_name="Claire", organisation_name="Les Tilleuls")
AUTHORS = (
    AUTHOR,
    msgspec.structs.replace(AUTHOR, role=Coding("1.2", "PCP", "x")),
    msgspec.structs.replace(AUTHOR, kind="organisation"),
    msgspec.structs.replace(AUTHOR, family_name="March\u200band"),
    msgspec.structs.replace(AUTHOR, organisation_name=None),
)


@pytest.mark.parametrize("planted", [False, True])
def test_remembered_or_worked_out_anew_it_is_the_same(monkeypatch, planted):
    """Planted: told apart by less than all that was written."""
    for module, ask, anew, every in (
        (cda_header, cda_header.author, cda_header._author, SIGNERS),
        (declared_metadata, declared_metadata._readable, declared_metadata._made_readable, AUTHORS),
    ):
        if planted:
            monkeypatch.setattr(remembering.msgspec.json, "encode", lambda _: b"")
        monkeypatch.setattr(module, "_remembered", remembering.remembering(anew))
        same = [ask(one) == anew(one) for one in every * 2]
        monkeypatch.undo()
        assert all(same) != planted


def test_no_more_than_so_many_none_too_long_and_nobody_at_home(monkeypatch):
    monkeypatch.setattr(remembering, "MOST", 2)
    asked = []
    ask = remembering.remembering(lambda one: asked.append(one) or one)
    for one in ("a", "a", "b", "c", "a", "x" * 5000, "x" * 5000):
        ask(one)
    assert [one[0] for one in asked] == ["a", "b", "c", "a", "x", "x"]
    monkeypatch.setattr(cda_header, "_remembered", None)
    monkeypatch.setattr(declared_metadata, "_remembered", None)
    assert cda_header.author(SIGNERS[-1]).family_name == "Marchand"
    assert declared_metadata._readable(AUTHORS[-1]).family_name == "Marchand"
