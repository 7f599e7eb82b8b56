"""What the README tells a vendor to send is accepted, and the README says it in the lines it promises."""

import re

import msgspec
import pytest

from architecture.findings import ROOT
from carnet.infra import clock
from carnet.sandbox.api import load_population
from factories.fhir import acting, fhir_client
from factories.sandbox_people import open_for
from factories.world import AT, make_software

EXAMPLES = sorted((ROOT / "docs" / "examples").glob("*.json"))
MOST_LINES = 10


@pytest.fixture
async def client(house):
    with clock.frozen(AT):
        async with fhir_client() as http:
            yield http


@pytest.mark.parametrize("example", EXAMPLES, ids=lambda path: path.name)
async def test_each_example_is_accepted_once_and_answered_again(client, example):
    resource = msgspec.json.decode(example.read_bytes())
    [patient] = resource["contained"]
    matricule = patient["identifier"][0]["value"]
    await open_for(next(person for person in load_population().persons if person.matricule == matricule))
    headers = acting(await make_software())
    first = await client.post("DocumentReference", json=resource, headers=headers)
    assert first.status_code == 201, first.text
    again = await client.post("DocumentReference", json=resource, headers=headers)
    assert again.status_code == 200
    assert again.headers["location"] == first.headers["location"]


def test_the_readme_deposits_with_curl_in_under_ten_lines():
    blocks = re.findall(r"```sh\n(.*?)```", (ROOT / "README.md").read_text("utf-8"), re.DOTALL)
    [deposit] = [block for block in blocks if "/fhir/DocumentReference" in block]
    assert "curl" in deposit
    assert len(deposit.splitlines()) < MOST_LINES
    named = re.findall(r"@(\S+\.json)", deposit)
    assert named
    assert {ROOT / path for path in named} <= set(EXAMPLES)


def test_what_the_readme_points_at_exists():
    text = (ROOT / "README.md").read_text("utf-8")
    targets = {target.split("#")[0] for target in re.findall(r"\]\(([^)\s]+)\)", text)}
    local = {target for target in targets if target and "://" not in target}
    assert local
    missing = {
        target for target in local if not (ROOT / target).exists() and not target.startswith("docs/screenshots/")
    }
    assert missing == set()
