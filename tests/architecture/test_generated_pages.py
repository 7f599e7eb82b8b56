"""The pages made from the code say what the code says, today."""

import pytest

from carnet.config import docs
from carnet.config.docs_map import imports, layers, told_once
from carnet.infra.db.catalogue import table_notes
from carnet.infra.web.audience import Audience
from carnet.journal.api import Act


@pytest.fixture(scope="module")
def notes(new_database):
    return table_notes(new_database()("carnet_owner"))


@pytest.fixture(scope="module")
def pages(notes):
    return docs.pages(notes)


def outdated(made):
    return [path.name for path, text in made.items() if not path.exists() or path.read_text("utf-8") != text]


def test_generated_pages_are_up_to_date(pages):
    assert len(pages) >= 6
    assert outdated(pages) == [], "run `python -m carnet docs`"


def test_an_outdated_page_is_seen(pages):
    changed = {path: text.replace("|", "¦", 1) if "|" in text else text + "x" for path, text in pages.items()}
    assert len(outdated(changed)) == len(pages)


def test_every_act_has_a_line():
    page = docs.acts_page()
    assert [act for act in Act if f"| `{act}` |" not in page] == []
    assert "%(" not in page


def test_every_table_has_a_line_that_says_everything(notes):
    page = docs.schema_page(notes)
    assert len(notes) > 20
    for note in notes:
        [line] = [line for line in page.splitlines() if line.startswith(f"| `{note.name}` |")]
        assert "|  |" not in line, f"{note.name} says nothing of its data, retention or basis"


def test_the_audiences_name_each_kind_of_asker():
    page = docs.audience_page()
    assert all(str(audience) in page for audience in Audience)


def test_the_diagram_draws_the_real_imports():
    edges = imports(docs.ROOT / "src" / "carnet")
    named = {name for row in layers(docs.ROOT / ".importlinter") for name in row}
    assert set(edges) <= named
    drawn = told_once(edges)
    assert sum(map(len, drawn.values())) >= len(drawn) - 1
    assert told_once({"a": {"b", "c"}, "b": {"c"}, "c": set()}) == {"a": {"b"}, "b": {"c"}, "c": set()}
