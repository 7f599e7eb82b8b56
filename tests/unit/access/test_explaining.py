"""Receipts and the matrix as people read it: same input, same answer; any change of what counts, another."""

import datetime as dt

import pytest

from carnet.access import policy
from carnet.access.api import Mode as InMode
from carnet.access.api import (
    current_matrix,
    emergency_professions,
    matrix_provenance,
    matrix_rows,
    policy_version,
    safeguard_topics,
)
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
