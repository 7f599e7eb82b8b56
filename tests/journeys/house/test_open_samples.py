"""`carnet sandbox send` on French documents nobody here wrote: each is accepted, or refused for a reason that is true.

The truth about each file is established here a second time, from its bytes, without the product. The samples carry no
licence and stay where they are: without them this is skipped.
"""

import hashlib
from collections import defaultdict
from pathlib import Path

import msgspec
import pytest
from lxml import etree

from journeys.house.running import ROOT

SAMPLES = ROOT.parent / "shared" / "samples"
SETS = ("cda-ans-2021", "cda-ans-2025", "cda-ans-hl7v2", "cda-ans-misc", "cda-asip-2018")
HL7 = {"h": "urn:hl7-org:v3"}
AUTHORITY = "1.2.250.1.213.1.4."
NO_INS, KEY, NO_TARGET, OTHER_BYTES, OTHER_PERSON = "no-ins", "key", "no-target", "other-bytes", "other-person"
WORDS = {
    NO_INS: "ne porte pas d'INS",
    KEY: "La clé du matricule INS",
    NO_TARGET: "Le document à remplacer est introuvable",
    OTHER_BYTES: "existe déjà avec un autre contenu",
    OTHER_PERSON: "L'identité transmise ne concorde pas",
}
ALWAYS = {NO_INS, KEY, NO_TARGET}
"""The others depend on which of two files came first."""


class Read(msgspec.Struct, frozen=True):
    """What matters of a sample. id, replaces, ins: (root, extension)."""

    name: str
    id: tuple
    replaces: tuple
    ins: tuple | None
    born: str | None
    digest: str


@pytest.mark.skipif(not SAMPLES.exists(), reason="the open samples are not here")
def test_every_french_document_is_accepted_or_refused_for_a_true_reason(running):
    folders = [str(SAMPLES / one) for one in SETS if (SAMPLES / one).exists()]
    sent = running.carnet("sandbox", "send", "--create-people", *folders)
    assert "Traceback" not in sent.stderr
    refused = reasons_in(sent.stdout)
    everything = [read(path) for folder in folders for path in sorted(Path(folder).rglob("*.xml"))]
    truths = {one.name: truths_about(one, everything) for one in everything}
    assert f"{len(everything)} en tout" in sent.stdout
    assert f"{len(everything) - len(refused)} acceptés" in sent.stdout
    assert len(refused) < len(everything) / 2
    for name, reason in refused.items():
        assert any(WORDS[truth] in reason for truth in truths[name]), f"{name}: {reason} / {truths[name]}"
    for name, true in truths.items():
        if true & ALWAYS:
            assert name in refused, f"{name} was accepted: {true}"


def reasons_in(table: str) -> dict[str, str]:
    """The refused files and why, from the printed table; a reason may run over several lines."""
    found: dict[str, str] = {}
    name = ""
    for line in table.splitlines():
        cells = [cell.strip() for cell in line.split("│")[1:-1]]
        if len(cells) == 3:
            name = cells[0] or name
            found[name] = f"{found.get(name, '')} {cells[2]}".strip()
    return found


def read(path: Path) -> Read:
    raw = path.read_bytes()
    root = etree.fromstring(raw, etree.XMLParser(resolve_entities=False, no_network=True))
    document = root if root.tag.endswith("}ClinicalDocument") else root.find(".//h:ClinicalDocument", HL7)
    patient = document.find("h:recordTarget/h:patientRole", HL7)
    parents = document.findall("h:relatedDocument[@typeCode='RPLC']/h:parentDocument/h:id", HL7)
    known = {f"{AUTHORITY}{branch}" for branch in (8, 9, 10, 11)}
    matricules = [_id(one) for one in patient.findall("h:id", HL7) if one.get("root") in known]
    born = patient.find("h:patient/h:birthTime", HL7)
    return Read(
        path.name,
        _id(document.find("h:id", HL7)),
        tuple(map(_id, parents)),
        matricules[0] if matricules else None,
        born.get("value") if born is not None else None,
        hashlib.sha256(raw).hexdigest(),
    )


def _id(element: etree._Element) -> tuple:
    return element.get("root"), element.get("extension")


def truths_about(one: Read, everything: list[Read]) -> set[str]:
    """Every reason there is to refuse this file."""
    if one.ins is None:
        return {NO_INS}
    by_id = defaultdict(list)
    for other in everything:
        by_id[other.id].append(other)
    found = set() if key_is_right(one.ins[1]) else {KEY}
    if any(not by_id[target] for target in one.replaces):
        found.add(NO_TARGET)
    if any(other.digest != one.digest for other in by_id[one.id]):
        found.add(OTHER_BYTES)
    if any(other.ins == one.ins and other.born != one.born for other in everything):
        found.add(OTHER_PERSON)
    return found


def key_is_right(matricule: str) -> bool:
    body, key = matricule[:13].replace("2A", "19").replace("2B", "18"), matricule[13:]
    return len(matricule) == 15 and (body + key).isdigit() and 97 - int(body) % 97 == int(key)
