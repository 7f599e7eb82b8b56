"""ITI-67 as a professional's software asks it: every parameter, pages, counts, and links that tell nothing."""

import datetime as dt

import msgspec
import pytest

from carnet.access.api import authorise
from carnet.records.api import Author, Deposit, deposit
from factories.fhir import acting, problems
from factories.world import AT, give, make_person, make_professional, make_software, new_document

SNOMED = "http://snomed.info/sct"


@pytest.fixture
async def world(client):
    """A person with five documents of several kinds, and a doctor they let in."""
    person, software, doctor = await make_person(), await make_software(), await make_professional()
    await authorise(actor=person.actor, space=person.space, rpps=doctor.rpps, at=AT)
    kinds = [("11502-2", "10"), ("11502-2", "10"), ("34133-9", "11"), ("57833-6", "42"), ("18748-4", "31")]
    for number, (code, class_code) in enumerate(kinds):
        await give(
            person,
            by=software,
            at=AT + dt.timedelta(minutes=number),
            title=f"Document {number}",
            content=f"contenu {number}".encode(),
            type_code=code,
            class_code=class_code,
            unique_id=f"urn:oid:1.2.{number}",
            creation=dt.datetime(2026, 10, number + 1, 12, tzinfo=dt.UTC),
        )
    return person, software, doctor


async def find(client, doctor, person, by="GET", **parameters):
    headers = acting(doctor)
    asked = {"patient": f"Patient/{person.space.hex}", **{k.replace("__", "."): v for k, v in parameters.items()}}
    if by == "GET":
        return await client.get("DocumentReference", params=asked, headers=headers)
    headers["content-type"] = "application/x-www-form-urlencoded"
    return await client.post("DocumentReference/_search", data=asked, headers=headers)


def found(answer):
    assert answer.status_code == 200, answer.text
    return [
        entry["resource"]["content"][0]["attachment"]["title"][-1]
        for entry in answer.json().get("entry", [])
        if entry["search"]["mode"] == "match"
    ]


@pytest.mark.parametrize(
    ("parameters", "expected"),
    [
        ({}, "43210"),
        ({"status": "current"}, "43210"),
        ({"status": "superseded"}, ""),
        ({"status": "current,superseded"}, "43210"),
        ({"type": "http://loinc.org|11502-2"}, "10"),
        ({"type": "urn:oid:2.16.840.1.113883.6.1|11502-2,18748-4"}, "410"),
        ({"type": f"{SNOMED}|11502-2"}, ""),
        ({"type": "inconnu"}, ""),
        ({"category": "11"}, "2"),
        ({"date": "2026-11-21"}, "43210"),
        ({"date": "ge2026-11-21T09:03:00Z"}, "43"),
        ({"date": "lt2026-11-21T09:01:00Z"}, "0"),
        ({"creation": "2026-10-03"}, "2"),
        ({"creation": "2026-10"}, "43210"),
        ({"creation": "gt2026-10-03"}, "43"),
        ({"creation": "le2026-10-02"}, "10"),
        ({"creation": "2025"}, ""),
        ({"period": "2026"}, ""),
        ({"facility": "SA01"}, ""),
        ({"setting": "AMBULATOIRE"}, ""),
        ({"format": "urn:ihe:iti:xds-sd:text:2008"}, ""),
        ({"security-label": "N"}, "43210"),
        ({"security-label": "MASQUE_PS"}, ""),
        ({"security-label": "R"}, ""),
        ({"identifier": "urn:oid:1.2.3"}, "3"),
        ({"identifier": "urn:ietf:rfc:3986|urn:oid:1.2.3,urn:oid:1.2.1"}, "31"),
        ({"identifier": "urn:oid:9.9|urn:oid:1.2.3"}, ""),
        ({"_sort": "date"}, "01234"),
        ({"_sort": "-date"}, "43210"),
        ({"_sort": "creation"}, "01234"),
        ({"_lastUpdated": "ge2026-11-21T09:04:00Z"}, "4"),
        ({"author__given": "x"}, ""),
    ],
)
@pytest.mark.parametrize("by", ["GET", "POST"])
async def test_every_parameter_filters(client, world, by, parameters, expected):
    person, _, doctor = world
    assert "".join(found(await find(client, doctor, person, by=by, **parameters))) == expected


async def test_by_author_and_by_organisation(client, world):
    person, software, doctor = world
    document = new_document(author=software, title="Document 9")
    author = Author(kind="practitioner", rpps="10101010101", family_name="Béranger", given_name="Élise")
    metadata = msgspec.structs.replace(document.metadata, authors=(author,))
    written = msgspec.structs.replace(document, metadata=metadata, author_rpps="10101010101")
    await deposit(actor=software, deposit=Deposit(ins=person.ins, traits=person.traits, documents=(written,)), at=AT)
    for parameters in (
        {"author__family": "beran"},
        {"author__given": "Elise", "author__family": "BÉRANGER"},
        {"author__identifier": "https://rpps.esante.gouv.fr|10101010101"},
        {"author__identifier": "urn:oid:1.2.250.1.71.4.2.1|810101010101"},
        {"author__identifier": "10101010101"},
    ):
        assert found(await find(client, doctor, person, **parameters)) == ["9"], parameters
    finess = {"author__identifier": f"urn:oid:1.2.250.1.71.4.2.2|1{software.organisation}"}
    assert len(found(await find(client, doctor, person, **finess))) == 6
    # a professional who sends without naming an author is named in one piece
    whole = msgspec.structs.replace(
        new_document(author=software, title="Document X").metadata,
        authors=(Author(kind="practitioner", rpps="10101010102", family_name="Aurèle Brindavoine"),),
    )
    written = msgspec.structs.replace(new_document(author=software, title="Document X"), metadata=whole)
    await deposit(actor=software, deposit=Deposit(ins=person.ins, traits=person.traits, documents=(written,)), at=AT)
    for parameters in ({"author__family": "brindavoine"}, {"author__given": "Aur"}, {"author__family": "aurele brin"}):
        assert found(await find(client, doctor, person, **parameters)) == ["X"], parameters
    both = {"author__family": "beran", "_summary": "count"}
    assert (await find(client, doctor, person, **both)).json()["total"] == 1


async def test_by_identifier_of_the_person_and_never_in_a_link(client, world):
    person, _, doctor = world
    asked = {"patient.identifier": f"urn:oid:{person.ins.oid}|{person.ins.matricule}", "_count": "2"}
    answer = await client.get("DocumentReference", params=asked, headers=acting(doctor))
    assert "".join(found(answer)) == "43"
    assert person.ins.matricule not in str(answer.json()["link"])


async def test_pages_follow_one_another_whatever_happens_between(client, world):
    person, software, doctor = world
    first = await find(client, doctor, person, _count="2", _sort="-date")
    assert "total" not in first.json()
    await give(person, by=software, at=AT + dt.timedelta(hours=1), title="Document 8")
    seen = found(first)
    link = first.json()["link"][1]
    while link["relation"] == "next":
        answer = await client.get(link["url"], headers=acting(doctor))
        seen += found(answer)
        link = answer.json()["link"][-1]
    assert "".join(seen) == "43210"


async def test_a_page_link_is_for_the_reader_who_got_it(client, world):
    person, _, doctor = world
    other = await make_professional()
    await authorise(actor=person.actor, space=person.space, rpps=other.rpps, at=AT)
    link = (await find(client, doctor, person, _count="2")).json()["link"][1]["url"]
    borrowed = await client.get(link, headers=acting(other))
    assert (borrowed.status_code, problems(borrowed)) == (400, [("cursor-unknown", "_cursor")])
    changed = await client.get(link[:-2] + "AA", headers=acting(doctor))
    assert changed.status_code == 400
    widened = await client.get(link + "&_count=50", headers=acting(doctor))
    assert problems(widened) == [("cursor-with-others", "_cursor")]


async def test_counting(client, world):
    person, _, doctor = world
    answer = await find(client, doctor, person, _summary="count", type="11502-2")
    assert (answer.json()["total"], "entry" in answer.json()) == (2, False)
    assert (await find(client, doctor, person, _count="0")).json()["total"] == 5
    assert (await find(client, doctor, person, _count="2", _total="accurate")).json()["total"] == 5
    assert (await find(client, doctor, person)).json()["total"] == 5


async def test_unknown_parameters_are_ignored_with_a_word_or_refused(client, world):
    person, _, doctor = world
    answer = await find(client, doctor, person, colour="blue", author="x")
    assert len(found(answer)) == 5
    outcome = answer.json()["entry"][-1]
    assert outcome["search"]["mode"] == "outcome"
    assert [issue["expression"] for issue in outcome["resource"]["issue"]] == [["colour"], ["author"]]
    assert "colour" not in str(answer.json()["link"])
    headers = acting(doctor) | {"prefer": "handling=strict"}
    asked = {"patient": person.space.hex, "colour": "blue"}
    strict = await client.get("DocumentReference", params=asked, headers=headers)
    assert (strict.status_code, problems(strict)) == (422, [("parameter-unknown", "colour")])


async def test_format_and_language_are_read_as_people_write_them(client, world):
    person, _, doctor = world
    asked = f"DocumentReference?patient={person.space.hex}&colour=blue&_format="
    headers = acting(doctor) | {"prefer": "handling=strict", "accept-language": "en-GB;q=0.8, fr; q=0.3"}
    for written in ("json", "application/json", "application/fhir+json", "application/fhir%2Bjson"):
        answer = await client.get(asked + written, headers=headers)
        assert problems(answer) == [("parameter-unknown", "colour")], written
        assert answer.json()["issue"][0]["details"]["text"] == "Unknown parameter."
    assert (await client.get(asked + "application/fhir+xml", headers=headers)).status_code == 406


@pytest.mark.parametrize(
    ("query", "problem"),
    [
        ("type:not=11502-2", "parameter-not-supported"),
        ("patient.name=x", "parameter-not-supported"),
        ("related=x", "parameter-not-supported"),
        ("_has:List:item:code=submissionset", "parameter-not-supported"),
        ("_text:contains=x", "parameter-not-supported"),
        ("date=hier", "date-malformed"),
        ("date=2026-13-01", "date-malformed"),
        ("date=9999-12-31", "date-malformed"),
        ("date=9999", "date-malformed"),
        ("date=ne2026-11-01", "date-prefix"),
        ("date=2026-11-01T10:00:00", "date-malformed"),
        ("_count=beaucoup", "parameter-malformed"),
        ("_sort=title", "parameter-malformed"),
        ("type=", "parameter-malformed"),
        ("_summary=text", "parameter-not-supported"),
        ("_total=exact", "parameter-not-supported"),
        ("type=a%2C%2Cb", "parameter-malformed"),
        ("type=http://loinc.org%7C", "token-without-code"),
        ("type=%FF", "parameters-malformed"),
        ("_count=1&_count=2", "parameter-twice"),
        ("_cursor=xyz", "cursor-with-others"),
    ],
)
async def test_bad_questions_are_refused_and_say_where(client, world, query, problem):
    person, _, doctor = world
    answer = await client.get(f"DocumentReference?patient={person.space.hex}&{query}", headers=acting(doctor))
    assert answer.status_code in {400, 422}, answer.text
    assert problems(answer)[0][0] == problem


async def test_a_search_is_about_somebody(client, world):
    _, _, doctor = world
    answer = await client.get("DocumentReference?status=current", headers=acting(doctor))
    assert (answer.status_code, problems(answer)) == (400, [("patient-required", "patient")])


async def test_by_id_without_a_patient(client, world):
    person, _, doctor = world
    one = (await find(client, doctor, person)).json()["entry"][2]["resource"]["id"]
    answer = await client.get("DocumentReference", params={"_id": one}, headers=acting(doctor))
    assert found(answer) == ["2"]


async def test_a_closed_an_unknown_and_a_malformed_patient_are_one_answer(client, world):
    _, _, doctor = world
    unknown = "urn:oid:1.2.250.1.213.1.4.10|279035121518989"
    answers = [
        await client.get("DocumentReference", params=asked, headers=acting(doctor))
        for asked in (
            {"patient": "Patient/00000000000000000000000000000001"},
            {"patient": "Patient/DUPONT"},
            {"patient.identifier": unknown},
        )
    ]
    assert {answer.status_code for answer in answers} == {404}
    assert len({answer.content for answer in answers}) == 1


async def test_who_was_not_let_in_is_told_so(client, world):
    person, software, _ = world
    stranger = await make_professional()
    answer = await find(client, stranger, person)
    assert (answer.status_code, problems(answer)) == (403, [("no-authorisation", None)])
    refused = await find(client, software, person)
    assert (refused.status_code, problems(refused)) == (403, [("not-a-reader", None)])


async def test_a_token_without_the_scope_is_refused(client, world):
    person, _, doctor = world
    headers = acting(doctor, scopes=frozenset({"user/DocumentReference.r"}))
    answer = await client.get(f"DocumentReference?patient={person.space.hex}", headers=headers)
    assert (answer.status_code, problems(answer)) == (403, [("scope", None)])


async def test_nobody_is_asked_to_sign_in(client):
    answer = await client.get("DocumentReference?patient=x")
    assert (answer.status_code, answer.json()["issue"][0]["code"]) == (401, "login")
