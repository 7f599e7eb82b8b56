"""The description of the doors is true, and requests made from it break nothing: schemathesis on the real server."""

import copy
import json

import httpx
import psycopg
import pytest
import schemathesis
from hypothesis import HealthCheck, Phase, given, settings
from schemathesis.checks import not_a_server_error
from schemathesis.core.failures import FailureGroup
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_schema_conformance,
    status_code_conformance,
)

from carnet.config.openapi import openapi_document
from factories.canaries import canary
from factories.deposits import FHIR_JSON, document_reference, id_of, send
from factories.served import bearer, serve
from factories.town import carers, settle

EXAMPLES = 12
CHECKS = [not_a_server_error, status_code_conformance, content_type_conformance, response_schema_conformance]
DOCUMENT = openapi_document("https://carnet.test")
MODES = [schemathesis.GenerationMode.POSITIVE, schemathesis.GenerationMode.NEGATIVE]


def operations(document=DOCUMENT):
    described = schemathesis.openapi.from_dict(copy.deepcopy(document))
    return {one.ok().definition.raw["operationId"]: one.ok() for one in described.get_all_operations()}


OPERATIONS = operations()


def attack(town, operation, *, mode, token, examples=EXAMPLES):
    """Send requests made from the description, wrong ones too; raise on the first answer it does not allow."""
    headers = bearer(token) if token else {}
    quiet = [HealthCheck.too_slow, HealthCheck.filter_too_much, HealthCheck.data_too_large]

    @given(case=operation.as_strategy(generation_mode=mode))
    @settings(
        max_examples=examples,
        deadline=None,
        database=None,
        derandomize=True,
        suppress_health_check=quiet,
        phases=[Phase.generate],
    )
    def run(case):
        answer = case.call(base_url=town.served.base_url, headers=headers, timeout=20)
        case.validate_response(answer, checks=CHECKS)

    run()


@pytest.mark.parametrize("name", OPERATIONS)
def test_requests_made_from_the_description_break_nothing(town, name):
    operation = OPERATIONS[name]
    takes_something = operation.definition.raw.keys() & {"parameters", "requestBody"}
    for mode in MODES if takes_something else MODES[:1]:
        attack(town, operation, mode=mode, token=town.reader)


PROTECTED = [name for name, one in OPERATIONS.items() if one.definition.raw["security"]]


@pytest.mark.parametrize("name", PROTECTED)
def test_without_a_token_nothing_is_answered(town, name):
    operation = OPERATIONS[name]
    path = operation.path.replace("{id}", "0" * 64)
    method = operation.method.upper()
    for headers in ({}, bearer("x.y.z"), {"Authorization": "Basic eDp5"}):
        answer = httpx.request(method, town.served.base_url + path, headers=FHIR_JSON | headers, timeout=20)
        assert answer.status_code == 401
        assert answer.headers["www-authenticate"].startswith("Bearer")
        assert method == "HEAD" or answer.json()["resourceType"] == "OperationOutcome"


def test_the_document_is_served_to_anybody_and_is_this_one(town):
    answer = httpx.get(f"{town.served.fhir}/openapi.json")
    assert answer.headers["content-type"].startswith("application/json")
    assert answer.json() == DOCUMENT


async def test_the_check_sees_an_id_that_is_not_looked_at(new_database, simulator, tmp_path):
    url = new_database()
    with serve(url, tmp_path, fault="trusting_ids", **carers(simulator)) as served:
        town = await settle(served, simulator, url)
        with pytest.raises(FailureGroup, match="Server error"):
            attack(town, OPERATIONS["get_read_DocumentReference"], mode=MODES[1], token=town.reader)


# Elements a sender may not decide: what becomes of them is ours (mass assignment, threats T06).
MINE = {
    "id": "f" * 64,
    "meta": {"versionId": "99", "lastUpdated": "2001-01-01T00:00:00Z", "security": [{"code": "NOLIST"}]},
    "owner": "moi",
    "space_id": "00000000-0000-0000-0000-000000000000",
    "client_id": "un-autre-logiciel",
    "author_finess": "999999999",
    "received_at": "2001-01-01T00:00:00Z",
    "scanned": "clean",
    "version": 12,
    "extension": [{"url": "https://example.org/visible-to-all", "valueBoolean": True}],
}


def assigned(stored, word):
    """What of the sender's own wishes a stored resource holds."""
    return {name for name, wish in MINE.items() if name in stored and stored[name] == wish} | (
        {"the canary"} if word in json.dumps(stored) else set()
    )


def metadata_of(town, document):
    return httpx.get(f"{town.served.fhir}/DocumentReference/{document}", headers=bearer(town.reader)).json()


def test_what_a_sender_adds_is_not_stored(town):
    word = canary("addition").word
    resource = document_reference(town.person, content=b"avec des ajouts") | MINE | {word: word}
    resource["content"][0]["attachment"][word] = word
    resource["content"][0][word] = word
    document = id_of(send(town.served, town.token, resource))
    stored = metadata_of(town, document)
    assert assigned(stored, word) == set()
    assert assigned(stored | {"owner": "moi", "x": [word]}, word) == {"owner", "the canary"}
    with psycopg.connect(town.url("postgres")) as conn:
        row = conn.execute(
            "SELECT author_finess, client_id, scanned, version FROM carnet.document"
            " WHERE replace(space_id::text || document_id::text, '-', '') = %s",
            (document,),
        ).fetchone()
    assert row == (town.software.finess, town.software.client_id, "not-scanned", 1)
