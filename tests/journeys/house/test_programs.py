"""What a developer of care software tries first, with nothing but HTTP."""

import smtplib
from email.message import EmailMessage

import httpx
import pytest

from factories.forked import Forked


def test_the_doors_describe_themselves(running):
    manifest = running.manifest
    statement = httpx.get(f"{manifest.fhir_base}/metadata", trust_env=False).json()
    assert statement["resourceType"] == "CapabilityStatement"
    offered = {one["type"] for one in statement["rest"][0]["resource"]}
    assert {"DocumentReference", "Binary", "List"} <= offered
    described = httpx.get(f"{manifest.base_url}/.well-known/smart-configuration", trust_env=False).json()
    assert described["token_endpoint"] == manifest.token_endpoint
    assert "private_key_jwt" in described["token_endpoint_auth_methods_supported"]
    beside = httpx.get(f"{manifest.fhir_base}/.well-known/smart-configuration", trust_env=False)
    assert beside.json() == described


def test_care_software_writes_by_mail_where_the_manifest_says_and_as_itself_only(running, given):
    eloise, doctor = given("eloise"), running.manifest.professional("brindavoine")
    mss = running.manifest.mss
    letter = EmailMessage()
    letter["From"], letter["Subject"] = doctor["mss_address"], "Votre rendez-vous"
    letter["To"] = f"{eloise['ins']['matricule']}@{mss['patients_domain']}"
    letter.set_content("À jeudi.")
    with smtplib.SMTP(mss["host"], mss["port"]) as gateway:
        assert gateway.send_message(letter) == {}
        with pytest.raises(smtplib.SMTPDataError) as refused:
            gateway.send_message(letter, from_addr=running.manifest.professional("grandchene")["mss_address"])
    assert refused.value.smtp_code == 550


def test_a_professional_searches_and_retrieves_whole_and_in_part(given, software):
    eloise = given("eloise")
    by_program = software("cabineo-maison").sign_in_for("brindavoine")
    ins = f"urn:oid:{eloise['ins']['oid']}|{eloise['ins']['matricule']}"
    found = by_program.ask("GET", "DocumentReference", params={"patient.identifier": ins, "status": "current"})
    assert found.status_code == 200
    bundle = found.json()
    assert bundle["type"] == "searchset"
    assert bundle["total"] >= 3
    assert eloise["ins"]["matricule"] not in str(bundle["link"])
    counted = by_program.ask(
        "GET", "DocumentReference", params={"patient.identifier": ins, "status": "current", "_summary": "count"}
    ).json()
    assert counted["total"] == bundle["total"]
    attachment = bundle["entry"][0]["resource"]["content"][0]["attachment"]
    any_type = {"Accept": "*/*"}
    whole = by_program.ask("GET", attachment["url"], headers=any_type)
    assert whole.status_code == 200
    assert len(whole.content) == attachment["size"]
    part = by_program.ask("GET", attachment["url"], headers=any_type | {"Range": "bytes=10-99"})
    assert part.status_code == 206
    assert part.content == whole.content[10:100]
    assert part.headers["content-range"] == f"bytes 10-99/{len(whole.content)}"
    again = by_program.ask("GET", attachment["url"], headers=any_type | {"If-None-Match": whole.headers["etag"]})
    assert again.status_code == 304
    too_far = by_program.ask("GET", attachment["url"], headers=any_type | {"Range": "bytes=99999999-"})
    assert too_far.status_code == 416


def test_a_stranger_and_a_software_alone_read_nothing(running, given, software):
    eloise = given("eloise")
    query = {"patient.identifier": f"urn:oid:{eloise['ins']['oid']}|{eloise['ins']['matricule']}"}
    nobody = httpx.get(f"{running.manifest.fhir_base}/DocumentReference", params=query, trust_env=False)
    assert nobody.status_code == 401
    assert nobody.json()["resourceType"] == "OperationOutcome"
    alone = software("officium-pharmacie").sign_in()
    assert alone.sees_nothing_of(eloise)


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("send",), "Name at least one file or folder."),
        (("send", "/nowhere/at-all"), "No such file or folder: /nowhere/at-all"),
        (("send", "/dev/null", "--person", "nobody"), "Nobody here has the login nobody."),
        (("send", "/dev/null", "--client", "nope"), "Known: hospitalia-hopital"),
        (("token", "--client", "nope"), "Known: hospitalia-hopital"),
    ],
)
def test_a_command_used_wrongly_answers_with_a_sentence(running, tmp_path, arguments, said):
    log = tmp_path / "terminal.log"
    done = Forked(["sandbox", *arguments], running.environment | {"COLUMNS": "600"}, log)
    assert done.wait(300) == 2
    assert said in log.read_text()
    assert "Traceback" not in log.read_text()


def test_what_the_operator_asks_is_answered_in_words(running):
    assert "were given up" in running.carnet("dead-letters").stdout
    assert running.carnet("identity-flags").returncode == 0
