"""Programs at the doors: a care software with its own key, a professional's software, a mail reader. Plain HTTP.

Written from the standards, not from the product: SMART Backend Services, RFC 8693, IHE MHD.
"""

import base64
import hashlib
import json
import time
import uuid
from datetime import UTC, datetime

import httpx
from joserfc import jwt
from joserfc.jwk import ECKey

from factories.cda import make_cda

INS_TYPE = "https://hl7.fr/ig/fhir/core/CodeSystem/fr-core-cs-v2-0203"
EXCHANGE = "urn:ietf:params:oauth:grant-type:token-exchange"
ACCESS_TOKEN = "urn:ietf:params:oauth:token-type:access_token"
ASSERTION = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"


class Software:
    """A care software of sandbox.json, acting for itself or for a professional."""

    def __init__(self, house, client_id: str) -> None:
        self.house, self.manifest = house, house.manifest
        self.client = next(one for one in self.manifest.clients if one["client_id"] == client_id)
        key = (house.home / self.client["private_key_file"]).read_text()
        self.key = ECKey.import_key(json.loads(key))
        self.http = httpx.Client(timeout=30, trust_env=False)
        self.bearer = ""

    def sign_in(self, scope: str = "system/DocumentReference.cruds") -> "Software":
        """Get a token for itself (private_key_jwt)."""
        return self._token({"grant_type": "client_credentials", "scope": scope})

    def sign_in_for(self, professional: str, scope: str = "user/*.cruds") -> "Software":
        """Exchange a professional's Pro Santé Connect token for one of ours."""
        answer = self.http.post(
            self.manifest.psc_token_endpoint,
            data={
                "grant_type": "password",
                "client_id": self.manifest.direct_grant_client_id,
                "username": professional,
                "password": self.manifest.password,
                "scope": "openid scope_all",
            },
        )
        assert answer.status_code == 200, answer.text
        proof = answer.json()["access_token"]
        exchange = {"grant_type": EXCHANGE, "subject_token": proof, "subject_token_type": ACCESS_TOKEN, "scope": scope}
        return self._token(exchange)

    def _token(self, form: dict) -> "Software":
        now = int(time.time())
        claims = {
            "iss": self.client["client_id"],
            "sub": self.client["client_id"],
            "aud": self.manifest.token_endpoint,
            "iat": now,
            "exp": now + 120,
            "jti": uuid.uuid4().hex,
        }
        header = {"alg": "ES384", "kid": self.client["kid"]}
        assertion = jwt.encode(header, claims, self.key, algorithms=["ES384"])
        proof = {"client_assertion_type": ASSERTION, "client_assertion": assertion}
        answer = self.http.post(self.manifest.token_endpoint, data=form | proof)
        assert answer.status_code == 200, answer.text
        self.bearer = answer.json()["access_token"]
        return self

    def ask(self, method: str, path: str, *, headers: dict | None = None, **more) -> httpx.Response:
        """One FHIR request."""
        url = path if path.startswith("http") else f"{self.manifest.fhir_base}/{path}".rstrip("/")
        sent = {"Authorization": f"Bearer {self.bearer}", "Accept": "application/fhir+json"} | (headers or {})
        return self.http.request(method, url, headers=sent, **more)

    def deposit_cda(self, person: dict, *, title: str, labels: tuple[str, ...] = ()) -> str:
        """ITI-65: a CDA about `person`; returns the DocumentReference's id."""
        content = cda_about(person, title=title, finess=self.client["finess"], place=self.client["organisation"])
        answer = self.ask("POST", "", json=transaction(person, content, title=title, labels=labels))
        assert answer.status_code == 200, answer.text
        places = [one["response"]["location"] for one in answer.json()["entry"]]
        return next(one for one in places if "DocumentReference/" in one).split("DocumentReference/")[1].split("/")[0]

    def titles_of(self, person: dict, **more) -> list[str]:
        """ITI-67: the titles of what this caller finds about a person."""
        answer = self.ask(
            "GET", "DocumentReference", params=about(person) | {"status": "current", "_count": 100} | more
        )
        assert answer.status_code == 200, answer.text
        found = [one["resource"] for one in answer.json().get("entry", [])]
        return [one["content"][0]["attachment"]["title"] for one in found if one["resourceType"] == "DocumentReference"]

    def sees_nothing_of(self, person: dict) -> bool:
        """Whether a search about a person tells nothing: refused, or empty."""
        answer = self.ask("GET", "DocumentReference", params=about(person) | {"status": "current"})
        if answer.status_code in {403, 404}:
            return answer.json()["resourceType"] == "OperationOutcome"
        return answer.status_code == 200 and answer.json()["total"] == 0 and not answer.json().get("entry")


def about(person: dict) -> dict:
    ins = person["ins"]
    return {"patient.identifier": f"urn:oid:{ins['oid']}|{ins['matricule']}"}


def cda_about(person: dict, *, title: str, finess: str, place: str) -> bytes:
    """A laboratory report of today about a persona."""
    traits, now = person["traits"], datetime.now(UTC)
    number = uuid.uuid4()
    return make_cda(
        root=f"2.25.{number.int}",
        extension=None,
        set_root=f"2.25.{uuid.uuid4().int}",
        set_extension=None,
        title=title,
        effective_time=f"{now:%Y%m%d%H%M%S}+0000",
        event_start=f"{now:%Y%m%d}080000+0000",
        matricule=person["ins"]["matricule"],
        ins_oid=person["ins"]["oid"],
        birth_name=traits["birth_name"],
        used_name=None,
        given=tuple(person["given_names"]),
        sex=traits["sex"],
        birth_date=traits["birth_date"].replace("-", ""),
        birth_place=traits["birth_place"],
        finess=finess,
        organisation=place,
    )


def transaction(person: dict, content: bytes, *, title: str, labels: tuple[str, ...] = ()) -> dict:
    """The ITI-65 Bundle of one CDA, with the least a receiver may ask for."""
    ins, traits, number = person["ins"], person["traits"], content.split(b'<id root="')[1].split(b'"')[0].decode()
    submission, reference, binary = (f"urn:uuid:{uuid.uuid4()}" for _ in range(3))
    subject = {"identifier": {"system": f"urn:oid:{ins['oid']}", "value": ins["matricule"]}, "reference": "#p"}
    patient = {
        "resourceType": "Patient",
        "id": "p",
        "identifier": [{"use": "official", "system": f"urn:oid:{ins['oid']}", "value": ins["matricule"]}],
        "name": [{"use": "official", "family": traits["birth_name"], "given": [person["given_names"][0]]}],
        "gender": {"F": "female", "M": "male"}[traits["sex"]],
        "birthDate": traits["birth_date"],
    }
    now = datetime.now(UTC).isoformat(timespec="seconds")
    mhd = "https://profiles.ihe.net/ITI/MHD"
    resources = {
        submission: {
            "resourceType": "List",
            "contained": [patient],
            "extension": [
                {"url": f"{mhd}/StructureDefinition/ihe-sourceId", "valueIdentifier": {"value": "urn:oid:2.25.4242"}}
            ],
            "identifier": [
                {
                    "use": "usual",
                    "system": "urn:ietf:rfc:3986",
                    "value": f"urn:oid:2.25.{uuid.UUID(submission[9:]).int}",
                },
                {"use": "official", "system": "urn:ietf:rfc:3986", "value": submission},
            ],
            "status": "current",
            "mode": "working",
            "code": {"coding": [{"system": f"{mhd}/CodeSystem/MHDlistTypes", "code": "submissionset"}]},
            "subject": subject,
            "date": now,
            "entry": [{"item": {"reference": reference}}],
        },
        reference: {
            "resourceType": "DocumentReference",
            "contained": [patient],
            "masterIdentifier": {"system": "urn:ietf:rfc:3986", "value": f"urn:oid:{number}"},
            "status": "current",
            "type": {"coding": [{"system": "http://loinc.org", "code": "11502-2"}]},
            "category": [{"coding": [{"system": "urn:oid:1.2.250.1.213.1.1.4.1", "code": "44"}]}],
            "subject": subject,
            "date": now,
            "description": title,
            "securityLabel": [
                {"coding": [{"system": "urn:oid:2.16.840.1.113883.5.25", "code": "N"}]},
                *({"coding": [{"system": "urn:oid:1.2.250.1.213.1.1.4.13", "code": label}]} for label in labels),
            ],
            "content": [
                {
                    "attachment": {
                        "contentType": "text/xml",
                        "url": binary,
                        "size": len(content),
                        "hash": base64.b64encode(hashlib.sha1(content).digest()).decode(),
                        "title": title,
                    }
                }
            ],
        },
        binary: {
            "resourceType": "Binary",
            "contentType": "text/xml",
            "data": base64.b64encode(content).decode(),
        },
    }
    return {
        "resourceType": "Bundle",
        "meta": {"profile": [f"{mhd}/StructureDefinition/IHE.MHD.Minimal.ProvideBundle"]},
        "type": "transaction",
        "entry": [
            {"fullUrl": url, "resource": one, "request": {"method": "POST", "url": one["resourceType"]}}
            for url, one in resources.items()
        ],
    }


def mails_to(house, person: dict, *, at_least: int = 1, seconds: float = 30) -> list[dict]:
    """What was e-mailed to a persona (the sandbox's mailbox), newest first, once there are enough."""
    deadline = time.monotonic() + seconds
    while True:
        found = httpx.get(
            f"{house.manifest.mailbox}.json", params={"q": person["email"]}, trust_env=False, timeout=30
        ).json()
        mails = found if isinstance(found, list) else found["mails"]
        if len(mails) >= at_least:
            return mails
        assert time.monotonic() < deadline, f"{len(mails)} e-mails of {at_least}"
        time.sleep(0.3)
