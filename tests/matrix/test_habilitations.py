"""Every reported cell is fixed here by hand; all 2,014 are compared with another reading of the source."""

import csv
from datetime import date, timedelta
from pathlib import Path

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from carnet.access.matrix_file import load_matrix
from carnet.access.rules.matrix import Habilitation, HabilitationMatrix
from carnet.terminology.api import document_types, professions

SOURCE = Path(__file__).parents[2].parent / "shared" / "reference" / "access_matrix.csv"
TODAY = date(2026, 1, 1)
DOCTOR, PHARMACIST, DENTIST, MIDWIFE, PODIATRIST = "10", "21", "40", "50", "80"
NURSES = ("60", "69")

NURSE_NO = ("75496-0", "68599-0", "83901-9", "68817-6", "89601-9")
NURSE_YES = ("83981-1", "DOCPAT03", "47420-5", "11502-2", "15507-7", "56445-0", "PROT_ALD")
DENTIST_NO = ("80788-3", "75496-0", "83981-1", "83901-9", "68599-0", "EXPPAT_3")
TYPES = [entry.code for entry in document_types() if entry.code not in {"101881-1", "E1762"}]

REPORTED = [
    *((DOCTOR, code, code != "ATTEST-RESID") for code in TYPES),
    *((nurse, code, False) for nurse in NURSES for code in NURSE_NO),
    *((nurse, code, True) for nurse in NURSES for code in NURSE_YES),
    *((DENTIST, code, False) for code in DENTIST_NO),
    (PODIATRIST, "15508-5", False),
]


def cell(profession, type_code, consult, *, day=TODAY, group="X"):
    return Habilitation(group, profession, type_code, consult, "L", day)


def test_the_list_of_reported_cells_is_whole():
    per_group = {(profession if profession not in NURSES else "IDE", code) for profession, code, _ in REPORTED}
    assert len(per_group) == 125


@pytest.mark.parametrize(("profession", "type_code", "expected"), REPORTED)
def test_reported_cells(profession, type_code, expected):
    matrix = load_matrix()
    assert matrix.may_consult(profession=profession, type_code=type_code, at=TODAY) is expected
    assert matrix.cell(profession=profession, type_code=type_code, at=TODAY).source == "S"


def test_nothing_else_claims_to_be_reported():
    matrix = load_matrix()
    reported = {(profession, code) for profession, code, _ in REPORTED}
    for codes in matrix.groups().values():
        for profession in codes:
            for type_code in [*TYPES, "101881-1"]:
                row = matrix.cell(profession=profession, type_code=type_code, at=TODAY)
                assert row is not None
                assert (row.source == "S") == ((profession, type_code) in reported)


def another_reading():
    """Read the source line by line without our loader: groups written as lists or ranges, midwives never social."""
    wanted = {}
    with SOURCE.open(encoding="utf-8", newline="") as file:
        next(file)
        for group, written, type_code, consult, _ in csv.reader(file):
            if group == "SOC":
                codes = {"41", "42", "43", "44", "45", "46", "47", "48", "49", "51", "52", "53"}
            elif group == "APP":
                codes = {"81", "82", "83", "84", "85"}
            else:
                codes = {part.strip() for part in written.split(",")}
            wanted[group, type_code] = (codes, {"1": True, "0": False}[consult])
    return wanted


@pytest.mark.skipif(not SOURCE.is_file(), reason="the source table is not at hand")
def test_all_cells_agree_with_another_reading_of_the_source():
    matrix, wanted = load_matrix(), another_reading()
    assert len(wanted) == 2014
    for (group, type_code), (codes, consult) in wanted.items():
        assert set(matrix.groups()[group]) == codes
        for profession in codes:
            assert matrix.may_consult(profession=profession, type_code=type_code, at=TODAY) is consult


@pytest.mark.skipif(not SOURCE.is_file(), reason="the source table is not at hand")
def test_one_flipped_cell_would_be_seen(monkeypatch):
    """Planted fault: the comparison above must be red when a single cell differs."""
    rows = [row for history in load_matrix()._cells.values() for row in history]
    flipped = [msgspec.structs.replace(rows[777], consult=not rows[777].consult), *rows[:777], *rows[778:]]
    monkeypatch.setitem(globals(), "load_matrix", lambda: HabilitationMatrix(flipped))
    with pytest.raises(AssertionError):
        test_all_cells_agree_with_another_reading_of_the_source()


def test_unknown_pairs_are_denied():
    matrix = load_matrix()
    for profession, type_code in [
        ("11", "11502-2"),
        (DOCTOR, "0"),
        (DOCTOR, "E1762"),
        ("", ""),
        ("EXP_PATIENT", "SYNTH"),
    ]:
        assert not matrix.may_consult(profession=profession, type_code=type_code, at=TODAY)
    assert matrix.types_for(profession="31", at=TODAY) == frozenset()
    assert not matrix.knows("31")
    assert matrix.knows(DOCTOR)


def test_nobody_read_anything_before_the_first_rule():
    matrix = load_matrix()
    assert matrix.types_for(profession=DOCTOR, at=date(2023, 10, 25)) == frozenset()
    assert matrix.may_consult(profession=DOCTOR, type_code="11502-2", at=date(2023, 10, 26))


def test_the_midwife_is_not_a_social_worker():
    matrix = load_matrix()
    assert matrix.groups()["SF"] == (MIDWIFE,)
    assert MIDWIFE not in matrix.groups()["SOC"]
    assert not matrix.may_consult(profession="41", type_code="11502-2", at=TODAY)
    assert matrix.may_consult(profession=MIDWIFE, type_code="11502-2", at=TODAY)


def test_every_profession_of_the_matrix_is_a_known_role_and_belongs_to_one_group():
    known = {entry.code for entry in professions()}
    listed = [code for codes in load_matrix().groups().values() for code in codes]
    assert set(listed) <= known
    assert len(listed) == len(set(listed)) == 39
    assert len(load_matrix().groups()) == 19


def test_the_latest_rule_not_after_the_day_counts():
    matrix = HabilitationMatrix(
        [
            cell(DOCTOR, "A", consult=True, day=date(2024, 1, 1)),
            cell(DOCTOR, "A", consult=False, day=date(2025, 1, 1)),
            cell(DOCTOR, "B", consult=True, day=date(2025, 1, 1)),
        ]
    )
    assert matrix.types_for(profession=DOCTOR, at=date(2023, 12, 31)) == frozenset()
    assert matrix.types_for(profession=DOCTOR, at=date(2024, 12, 31)) == {"A"}
    assert matrix.types_for(profession=DOCTOR, at=date(2025, 1, 1)) == {"B"}


def test_two_rules_on_one_day_are_refused():
    with pytest.raises(ValueError, match="two rules on one day"):
        HabilitationMatrix([cell(DOCTOR, "A", consult=True), cell(DOCTOR, "A", consult=False)])


@pytest.mark.parametrize(
    "line", ["MED,10,11502-2,maybe,S,2023-10-26", "MED,10,11502-2,1,S,yesterday", "MED,10,11502-2", ""]
)
def test_a_malformed_table_is_refused_or_empty(tmp_path, line):
    table = tmp_path / "table.csv"
    table.write_text(
        "profession_group,profession_code,type_code,consult,source,effective_from\n" + line, encoding="utf-8"
    )
    if line:
        with pytest.raises(ValueError, match=r"Expected|Invalid"):
            load_matrix(table)
    else:
        assert load_matrix(table).groups() == {}


def test_the_version_follows_the_content_and_not_its_order():
    rows = [cell(DOCTOR, "A", consult=True), cell(PHARMACIST, "A", consult=False)]
    assert HabilitationMatrix(rows).version == HabilitationMatrix(reversed(rows)).version
    other = [rows[0], cell(PHARMACIST, "A", consult=True)]
    assert HabilitationMatrix(other).version != HabilitationMatrix(rows).version
    assert len(load_matrix().version) == 16


rules = st.lists(
    st.builds(
        cell,
        st.sampled_from(["10", "60", "41"]),
        st.sampled_from(["A", "B", "C"]),
        consult=st.booleans(),
        day=st.integers(0, 6).map(lambda n: date(2024, 1, 1) + timedelta(days=n)),
    ),
    unique_by=lambda row: (row.profession_code, row.type_code, row.effective_from),
)


@given(rules, st.integers(-1, 8))
def test_the_fast_answer_is_the_plain_answer(rows, day):
    at = date(2024, 1, 1) + timedelta(days=day)
    matrix = HabilitationMatrix(rows)
    for profession in ("10", "60", "41", "99"):
        for type_code in "ABCD":
            speaking = [
                row
                for row in rows
                if (row.profession_code, row.type_code) == (profession, type_code) and row.effective_from <= at
            ]
            plain = bool(speaking) and max(speaking, key=lambda row: row.effective_from).consult
            assert matrix.may_consult(profession=profession, type_code=type_code, at=at) is plain
            assert (type_code in matrix.types_for(profession=profession, at=at)) is plain
