"""A stand-in receiver for the sender's tests: token endpoint and FHIR door over real HTTP, as strict as the standards.

It checks what a server must check (signature, audience, single use, hash, size, known person) and can be told to be
busy, to refuse a token or to refuse a person.
"""

import asyncio
import base64
import contextlib
import hashlib
import json
import socket

from granian.constants import Interfaces
from granian.server.embed import Server
from joserfc import jwt
from joserfc.jwk import KeySet
from litestar import Litestar, Request, Response, post


class Receiver:
    """What was received, and how to answer next."""

    def __init__(self, keys):
        self.keys = keys
        self.port = _free_port()
        self.base = f"http://127.0.0.1:{self.port}"
        self.people = set()
        self.documents = {}
        self.order = []
        self.jtis = set()
        self.assertions = []
        self.tokens = set()
        self.busy = 0
        self.revoke_after = None
        self.connections = set()

    def app(self):
        @post("/oauth/token", status_code=200)
        async def token(request: Request) -> Response:
            form = dict(await request.form())
            header = json.loads(_unpad(form["client_assertion"].split(".")[0]))
            claims = jwt.decode(form["client_assertion"], self.keys, algorithms=["ES384"]).claims
            assert header["kid"]
            assert claims["aud"] == f"{self.base}/oauth/token"
            assert claims["exp"] - claims["iat"] <= 300
            assert claims["jti"] not in self.jtis
            assert form["grant_type"] == "client_credentials"
            self.jtis.add(claims["jti"])
            self.assertions.append(claims)
            name = f"token-{len(self.assertions)}-{claims['sub']}"
            self.tokens.add(name)
            return Response({"access_token": name, "token_type": "bearer", "expires_in": 300})

        @post("/fhir", status_code=200)
        async def deposit(request: Request) -> Response:
            self.connections.add(request.scope["client"][1])
            token = request.headers["authorization"].removeprefix("Bearer ")
            if self.busy:
                self.busy -= 1
                return Response({"resourceType": "OperationOutcome"}, status_code=503, headers={"Retry-After": "0"})
            if token not in self.tokens:
                return _refusal(401, "Jeton inconnu")
            if self.revoke_after is not None and len(self.documents) >= self.revoke_after:
                self.revoke_after = None
                self.tokens.clear()
                return _refusal(401, "Jeton révoqué")
            return self.keep(json.loads(await request.body()))

        return Litestar(route_handlers=[token, deposit], openapi_config=None)

    def keep(self, bundle):
        resources = {entry["resource"]["resourceType"]: entry for entry in bundle["entry"]}
        document, binary = resources["DocumentReference"]["resource"], resources["Binary"]
        attachment = document["content"][0]["attachment"]
        content = base64.b64decode(binary["resource"]["data"])
        assert attachment["url"] == binary["fullUrl"]
        assert attachment["size"] == len(content)
        assert attachment["hash"] == base64.b64encode(hashlib.sha1(content).digest()).decode()
        assert (
            resources["List"]["resource"]["entry"][0]["item"]["reference"] == resources["DocumentReference"]["fullUrl"]
        )
        person = document["subject"]["identifier"]["value"]
        if self.people and person not in self.people:
            return _refusal(422, "Cette personne n'a pas d'espace.", "DocumentReference.subject")
        master = document["masterIdentifier"]["value"]
        for related in document.get("relatesTo", []):
            assert related["target"]["identifier"]["value"] in self.documents, "a version before the one it replaces"
            assert related["target"]["reference"] == self.documents[related["target"]["identifier"]["value"]][1]
        location = f"DocumentReference/{len(self.documents) + 1}"
        self.documents[master] = (document, location, content)
        self.order.append(master)
        entries = [
            {"response": {"status": "201 Created", "location": "List/1/_history/1"}},
            {"response": {"status": "201 Created", "location": f"{location}/_history/1"}},
            {"response": {"status": "201 Created"}},
        ]
        return Response({"resourceType": "Bundle", "type": "transaction-response", "entry": entries})


@contextlib.asynccontextmanager
async def running(keys):
    """A receiver on a free loopback port for the length of a `with` block."""
    receiver = Receiver(KeySet([key.key for key in keys]))
    server = Server(
        receiver.app(), address="127.0.0.1", port=receiver.port, interface=Interfaces.ASGI, log_enabled=False
    )
    task = asyncio.create_task(server.serve())
    await _answering(receiver.port)
    try:
        yield receiver
    finally:
        server.stop()
        await task


async def _answering(port):
    for _ in range(200):
        with contextlib.suppress(OSError):
            _, writer = await asyncio.open_connection("127.0.0.1", port)
            writer.close()
            await writer.wait_closed()
            return
        await asyncio.sleep(0.02)
    raise TimeoutError


def _free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def _refusal(status, text, expression=None):
    issue = {"severity": "error", "code": "processing", "details": {"text": text}}
    if expression:
        issue["expression"] = [expression]
    return Response({"resourceType": "OperationOutcome", "issue": [issue]}, status_code=status)


def _unpad(part):
    return base64.urlsafe_b64decode(part + "=" * (-len(part) % 4))
