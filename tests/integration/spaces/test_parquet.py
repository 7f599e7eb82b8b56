"""The insurer's file as Parquet: the same people, the same refusals by row, and every lie of the format refused."""

import pyarrow as pa
import pytest
from pyarrow import parquet

from carnet.formats import parquet as reading
from carnet.kernel.errors import Invalid
from carnet.spaces.api import Source
from carnet.spaces.rules.beneficiaries import COLUMNS
from factories.beneficiaries import beneficiary_matricule, line
from factories.campaign import imported, states


def table(lines, **given):
    rows = [one.rstrip("\n").split(";") for one in lines]
    columns = {name: [row[place] for row in rows] for place, name in enumerate(COLUMNS)}
    return pa.table(columns | given)


@pytest.fixture
def written(tmp_path):
    """A function: a table to a source, in row groups of so many rows."""

    def make(content, group=100, name="beneficiaires.parquet"):
        path = tmp_path / name
        parquet.write_table(content, path, row_group_size=group)
        return Source(path=path, rejects=tmp_path / "rejets.csv")

    return make


async def test_the_same_people_and_the_same_refusals_by_row(house, batch, written, monkeypatch):
    monkeypatch.setattr(reading, "BATCH_ROWS", 30)
    lines = [line(number) for number in range(250)]
    content = table(lines)
    column = content.column("commune").to_pylist()
    column[10], column[11], column[12], column[13] = "VILLE;ESSAI", 'VILLE "ESSAI"', "VILLE\nESSAI", None
    names = content.column("nom_naissance").to_pylist()
    names[20] = None
    numbers = content.column("matricule").to_pylist()
    numbers[21] = beneficiary_matricule(21)[:13] + "00"
    for name, values in (("commune", column), ("nom_naissance", names), ("matricule", numbers)):
        content = content.set_column(COLUMNS.index(name), name, pa.array(values, pa.string()))
    seen = []
    made = written(content)
    done = await imported(batch, made, progress=seen.append)
    refused = [one.split(";")[:2] for one in made.rejects.read_text().splitlines()]
    expected = ["13 address", "14 no-way-to-tell", "21 name-malformed", "22 ins-key-wrong"]
    assert [" ".join(one) for one in refused] == expected
    assert (done.lines, done.stored, done.rejected, done.ended) == (250, 246, 4, True)
    assert len(seen) > 8  # a few rows at a time, whatever the row groups
    assert await imported(batch, made) == done
    # the same people as CSV say nothing new: one line is one person in either
    (again := made.path.with_name("b.csv")).write_text(";".join(COLUMNS) + "\n" + "".join(lines[30:]))
    done = await imported(batch, Source(path=again, rejects=made.rejects))
    assert (done.lines, done.stored, done.rejected) == (220, 0, 0)


class Killed(BaseException):
    """As abrupt as a test can be within one process."""


async def test_killed_inside_a_row_group_it_goes_on(house, batch, written, monkeypatch):
    monkeypatch.setattr(reading, "BATCH_ROWS", 30)
    made, seen = written(table([line(number) for number in range(250)])), []

    def kill(done):
        seen.append(done)
        if len(seen) == 5:
            raise Killed

    with pytest.raises(Killed):
        await imported(batch, made, progress=kill)
    assert 100 < seen[-1].read < 200
    done = await imported(batch, made)
    assert (done.lines, done.stored) == (250, 250)
    assert states(house) == {"ELIGIBLE": 250}


def cut(path):
    path.write_bytes(path.read_bytes()[:-100])


def torn(path):
    data = bytearray(path.read_bytes())
    data[200:1200] = bytes(1000)
    path.write_bytes(data)


LINES = [line(number) for number in range(300)]
LIES = {
    "cut": (table(LINES), cut, "file-damaged"),
    "torn": (table(LINES), torn, "file-damaged"),
    "a number where a text stands": (table(LINES, matricule=list(range(300))), None, "header"),
    "a hundred columns too many": (table(LINES, **{f"x{n}": ["1"] * 300 for n in range(100)}), None, "header"),
    "a column less": (table(LINES).drop_columns(["evenement"]), None, "header"),
    "other order": (table(LINES).select(sorted(COLUMNS)), None, "header"),
    "a list inside": (table(LINES, prenoms=[["ZOE"]] * 300), None, "header"),
    "a value of a megabyte": (table(LINES, adresse=["X" * 1_000_000] * 300), None, "line-too-long"),
    "one huge row group": (table(LINES), None, "row-group-too-large"),
}


@pytest.mark.parametrize("lie", LIES)
async def test_a_lie_is_refused(house, batch, written, monkeypatch, lie):
    content, change, code = LIES[lie]
    if lie == "one huge row group":
        monkeypatch.setattr(reading, "MOST_GROUP_ROWS", 200)
    made = written(content, group=300)
    if change:
        change(made.path)
    with pytest.raises(Invalid) as refused:
        await imported(batch, made)
    assert refused.value.problems[0].code == code
    assert states(house) == {}
