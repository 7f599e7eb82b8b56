"""Receipts and the matrix as people read it: same input, same answer; any change of what counts, another."""

import datetime as dt
from uuid import UUID

import pytest

from carnet.access import policy
from carnet.access.api import (
    Authorisation,
    DocumentFacts,
    Effect,
    Habilitation,
    HabilitationMatrix,
    SpaceFacts,
    Viewer,
    current_matrix,
    emergency_professions,
    explain,
    matrix_provenance,
    matrix_rows,
    policy_version,
    safeguard_topics,
)
from carnet.access.api import Mode as InMode
from carnet.kernel.ids import SpaceId
from carnet.terminology.api import document_type

DAY = dt.date(2026, 11, 21)


def test_the_version_of_the_policy_follows_every_file_that_decides(monkeypatch, tmp_path):
    before = policy_version()
    assert len(before) == 16
    copy = tmp_path / "access"
    real = policy.files("carnet.access")
    for name in (*policy.FOLDERS, "queries"):
        (copy / name).mkdir(parents=True)
        for one in real.joinpath(name).iterdir():
            if one.is_file():
                (copy / name / one.name).write_bytes(one.read_bytes())
    for name in policy.SINGLE:
        (copy / name).write_bytes(real.joinpath(name).read_bytes())
    monkeypatch.setattr(policy, "files", lambda _: copy)
    assert policy.version_with.__wrapped__(current_matrix().version) == before
    for changed in ("data/habilitations.csv", "rules/professional.py", "queries/visibility.py"):
        kept = (copy / changed).read_bytes()
        (copy / changed).write_bytes(kept + b"\n#")
        assert policy.version_with.__wrapped__(current_matrix().version) != before, changed
        (copy / changed).write_bytes(kept)


def test_the_matrix_reads_as_rows_that_say_where_they_come_from():
    matrix = current_matrix()
    everything = matrix_rows(matrix, at=DAY)
    provenance = matrix_provenance(matrix, at=DAY)
    assert provenance.cells == len(everything) == sum(provenance.by_source.values())
    assert (provenance.version, set(provenance.by_source) <= {"S", "R", "L"}) == (matrix.version, True)
    nurses = matrix_rows(matrix, at=DAY, groups=("IDE",), consult=False)
    assert nurses
    assert {(row.profession_group, row.consult) for row in nurses} == {("IDE", False)}
    assert {row.profession_group for row in matrix_rows(matrix, at=DAY, types=("11488-4",))} == set(matrix.groups())
    assert matrix_rows(matrix, at=dt.date(2000, 1, 1)) == ()


@pytest.mark.parametrize("topic", sorted(safeguard_topics()))
def test_every_topic_covers_types_that_exist(topic):
    assert all(document_type(code) is not None for code in safeguard_topics()[topic])


def test_only_doctors_regulate():
    assert emergency_professions(InMode.CENTRE_15) == {"10"}
    assert emergency_professions(InMode.NORMAL) == frozenset()


FIRST, LATER = dt.date(2026, 1, 1), dt.date(2026, 6, 1)
SMALL = HabilitationMatrix(
    [
        *(Habilitation("IDE", code, "11488-4", False, "R", FIRST) for code in ("60", "69")),
        *(Habilitation("IDE", code, "34133-9", True, "S", LATER) for code in ("60", "69")),
        Habilitation("MED", "10", "11488-4", True, "S", FIRST),
        Habilitation("MED", "10", "34133-9", True, "S", FIRST),
    ]
)


def told(**asked):
    return [(row.profession_group, row.type_code) for row in matrix_rows(SMALL, **{"at": LATER} | asked)]


def test_a_filter_keeps_what_it_names_and_none_keeps_everything():
    everything = [("IDE", "11488-4"), ("IDE", "34133-9"), ("MED", "11488-4"), ("MED", "34133-9")]
    assert told() == everything, "a group is one line, however many professions it holds"
    assert told(groups=("MED",)) == everything[2:]
    assert told(types=("11488-4",)) == [everything[0], everything[2]]
    assert told(consult=False) == everything[:1]
    assert told(consult=True) == everything[1:]
    assert told(groups=("IDE",), types=("34133-9",), consult=True) == [everything[1]]
    assert told(at=FIRST) == [everything[0], *everything[2:]], "what begins later is not told yet"
    assert told(at=FIRST - dt.timedelta(days=1)) == []


def test_where_the_cells_in_force_come_from_is_counted_one_by_one():
    now = matrix_provenance(SMALL, at=LATER)
    assert (now.cells, now.by_source, now.latest) == (4, {"R": 1, "S": 3}, LATER)
    before = matrix_provenance(SMALL, at=FIRST)
    assert (before.cells, before.by_source, before.latest) == (3, {"R": 1, "S": 2}, FIRST)
    assert matrix_provenance(SMALL, at=dt.date(2000, 1, 1)).latest is None


def test_what_is_explained_is_the_decision_for_somebody_strongly_known():
    at = dt.datetime(2026, 11, 21, tzinfo=dt.UTC)
    line = Authorisation(
        authorisation_id=UUID(int=1), effect=Effect.PERMIT, rpps="10000000001", finess=None, origin="", starts_at=at
    )
    facts = SpaceFacts(space=SpaceId(UUID(int=2)), state="ACTIVE", epoch=1, authorisations=(line,))
    documents = [
        DocumentFacts(
            document_id=UUID(int=number),
            logical_id=UUID(int=number),
            status="current",
            type_code=code,
            category="",
            received_at=at,
        )
        for number, code in enumerate(("11488-4", "34133-9", "another"), 3)
    ]
    for profession, allowed in (("10", [True, True, False]), ("60", [False, True, False]), ("999", [False] * 3)):
        viewer = Viewer(rpps="10000000001", profession=profession)
        found = explain(facts=facts, documents=documents, viewer=viewer, matrix=SMALL, at=at)
        assert [one.document_id for one in found] == [one.document_id for one in documents]
        assert [one.decision.allowed for one in found] == allowed
