"""Documents nobody in this project wrote: French ones are read and shown, others are too or are refused in words."""

import csv
from pathlib import Path

import pytest

from carnet.formats import cda
from carnet.formats.sniffing import ContentKind, check_content, identify
from carnet.kernel.errors import Invalid
from factories.tripwire import dangers

SAMPLES = Path(__file__).parents[4] / "shared" / "samples"
FRENCH = sorted(path for path in SAMPLES.glob("cda-a*/*") if path.suffix.lower() == ".xml")
FOREIGN = sorted(path for path in SAMPLES.glob("cda-us-ccda/*") if path.suffix.lower() == ".xml")
pytestmark = pytest.mark.skipif(not SAMPLES.is_dir(), reason="shared samples are not here")


def _page(document: cda.ClinicalDocument, language: str = "fr") -> str:
    return cda.render_html(
        document, language=language, stylesheet_href="/cda.css", part_href=lambda index: f"/part/{index}"
    )


def _profiles() -> dict[str, dict[str, str]]:
    profile = SAMPLES / "PROFILE_CDA.csv"
    if not profile.is_file():
        return {}
    with profile.open(encoding="utf-8", newline="") as lines:
        return {f"{row['set']}/{row['file']}": row for row in csv.DictReader(lines)}


@pytest.mark.parametrize("path", FRENCH, ids=lambda path: f"{path.parent.name}/{path.name}")
def test_french_documents_are_read_and_shown(path: Path) -> None:
    data = path.read_bytes()
    assert identify(data) is ContentKind.CDA
    document = cda.read(data)
    page = _page(document)
    assert dangers(page) == []
    assert document.patient.name.display
    assert document.authors
    for section in document.sections:
        assert section.title is None or cda.summary_text(document).find(section.title) >= 0


@pytest.mark.parametrize("path", FRENCH, ids=lambda path: f"{path.parent.name}/{path.name}")
def test_what_is_read_agrees_with_an_independent_profile(path: Path) -> None:
    row = _profiles().get(f"{path.parent.name}/{path.name}")
    if row is None:
        pytest.skip("not profiled")
    document = cda.read(path.read_bytes())
    assert document.code.code == row["type_code"]
    assert document.effective_time.raw == row["effectiveTime"]
    assert document.language == (row["language"] or "fr-FR")
    assert (document.confidentiality.code if document.confidentiality else "") == row["confidentiality"]
    assert str(document.version or "") == row["version"]
    assert document.is_structured == (row["body"] == "N3")
    assert _count(document.sections) == int(row["sections"] or 0)
    assert [identifier.root for identifier in document.patient.ids] == row["patient_id_oids"].split()


def _count(sections: tuple[cda.Section, ...]) -> int:
    return sum(1 + _count(section.sections) for section in sections)


@pytest.mark.parametrize("path", FOREIGN, ids=lambda path: path.name)
def test_foreign_documents_are_shown_or_refused_in_words(path: Path) -> None:
    try:
        document = cda.read(path.read_bytes())
    except Invalid as refusal:
        problem = refusal.problems[0]
    else:
        assert dangers(_page(document, "en")) == []
        return
    assert problem.fr.endswith(".")
    assert problem.en.endswith(".")


@pytest.mark.parametrize("path", [*FRENCH, *FOREIGN], ids=lambda path: f"{path.parent.name}/{path.name}")
def test_every_document_is_accepted_or_refused_for_a_true_reason(path: Path) -> None:
    try:
        inspected = check_content(data=path.read_bytes(), declared_type="text/xml")
    except Invalid as refusal:
        code = refusal.problems[0].code
        expected = {"DOC_NON_STRUCTURE.xml": "cda-embedded-broken"}
        if path in FRENCH:
            assert expected.get(path.name) == code
        else:
            assert code in {"xml-malformed", "cda-not-a-cda", "cda-body-elsewhere"}
    else:
        assert inspected.kind is ContentKind.CDA
        assert inspected.document is not None
