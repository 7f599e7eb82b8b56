"""PostgreSQL goes away and comes back under a running house: clear refusals, then service; nothing is restarted."""

import time
from concurrent.futures import ThreadPoolExecutor

import httpx

from factories.deposits import content_of, document_reference, id_of, search, send
from factories.own_postgres import own_postgres
from factories.served import access_token, bearer, serve, token_answer, until
from factories.town import carers, settle


def refusals(town, document):
    """What the doors answer while there is no database, all asked at once: name → (answer, seconds)."""
    served = town.served
    questions = {
        "deposit": lambda: send(served, town.token, document_reference(town.person)),
        "read": lambda: content_of(served, town.reader, document),
        "metadata of a document": lambda: httpx.get(
            f"{served.fhir}/DocumentReference/{document}", headers=bearer(town.reader), timeout=30
        ),
        "search": lambda: search(served, town.reader, town.person),
        "token": lambda: token_answer(served, town.software),
        "readiness": lambda: httpx.get(f"{served.base_url}/readyz", timeout=30),
    }

    def timed(ask):
        began = time.monotonic()
        return ask(), time.monotonic() - began

    with ThreadPoolExecutor(len(questions)) as pool:
        return dict(zip(questions, pool.map(timed, questions.values()), strict=True))


def not_clear(answers):
    """The doors that did not say 503 with Retry-After in time."""
    return {
        name
        for name, (answer, seconds) in answers.items()
        if answer.status_code != 503 or seconds > 8 or not answer.headers["retry-after"].isdigit()
    }


def healthy(served):
    return httpx.get(f"{served.base_url}/healthz", timeout=5).status_code == 200


async def test_without_a_database_every_door_says_so_and_works_again_when_it_is_back(simulator, tmp_path):
    with own_postgres() as postgres, serve(postgres.url, tmp_path, **carers(simulator)) as served:
        town = await settle(served, simulator, postgres.url)
        document = id_of(send(served, town.token, document_reference(town.person, content=b"avant")))
        for go in (postgres.stop, postgres.kill):
            go()
            answers = refusals(town, document)
            assert not_clear(answers) == set()
            outcome = answers["deposit"][0].json()
            assert outcome["resourceType"] == "OperationOutcome"
            assert "Rien n'a été enregistré" in outcome["issue"][0]["diagnostics"]
            assert healthy(served)
            assert "not ready: database" in answers["readiness"][0].text

            postgres.start()
            until(lambda: httpx.get(f"{served.base_url}/readyz", timeout=10).status_code == 200, seconds=30)
            assert content_of(served, town.reader, document).content == b"avant"
            assert send(served, access_token(served, town.software), document_reference(town.person)).status_code == 201
        assert served.process.poll() is None


async def test_the_check_sees_errors_that_nobody_translates(simulator, tmp_path):
    with own_postgres() as postgres, serve(postgres.url, tmp_path, fault="raw_errors", **carers(simulator)) as served:
        town = await settle(served, simulator, postgres.url)
        document = id_of(send(served, town.token, document_reference(town.person)))
        postgres.stop()
        assert "deposit" in not_clear(refusals(town, document))
        postgres.start()
