"""A small real HTTP peer that speaks the transit engine's encrypt, decrypt and rewrap.

It stands in for HashiCorp Vault or OpenBao, which cannot be installed here: derived keys, versions, `vault:vN:`
wrappings, and the statuses and error bodies of their documentation. Nothing of it ships.
"""

import base64
import contextlib
import json
import os
import threading
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

KEY_NAME = "carnet"


class TransitPeer:
    """The state of the peer; tests change it while it runs."""

    def __init__(self):
        self.token = "first-token"
        self.derived = True
        self.sealed = False
        self.delay = 0.0
        self.versions = {1: os.urandom(32)}
        self.verbs = []
        self.url = ""

    def rotate(self):
        self.versions[max(self.versions) + 1] = os.urandom(32)

    def trim(self, version):
        del self.versions[version]

    def answer(self, verb, body):
        """Return (status, JSON) for one call."""
        self.verbs.append(verb)
        context = base64.b64decode(body.get("context", ""))
        if self.derived and not context:
            return 400, {"errors": ["missing 'context' for key derivation; the key was created using a derived key"]}
        try:
            if verb == "encrypt":
                return 200, {"data": {"ciphertext": self._seal(base64.b64decode(body["plaintext"]), context)}}
            plaintext = self._open(body["ciphertext"], context)
        except (InvalidTag, KeyError, ValueError):
            return 400, {"errors": ["cipher: message authentication failed"]}
        if verb == "decrypt":
            return 200, {"data": {"plaintext": base64.b64encode(plaintext).decode()}}
        return 200, {"data": {"ciphertext": self._seal(plaintext, context)}}

    def _aead(self, version, context):
        key = self.versions[version]
        if self.derived:
            key = HKDF(algorithm=SHA256(), length=32, salt=None, info=context).derive(key)
        return AESGCM(key)

    def _seal(self, plaintext, context):
        version, nonce = max(self.versions), os.urandom(12)
        raw = nonce + self._aead(version, context).encrypt(nonce, plaintext, None)
        return f"vault:v{version}:{base64.b64encode(raw).decode()}"

    def _open(self, wrapped, context):
        _, version, encoded = wrapped.split(":")
        raw = base64.b64decode(encoded)
        return self._aead(int(version[1:]), context).decrypt(raw[:12], raw[12:], None)


@contextlib.contextmanager
def running():
    """Yield a peer listening on a loopback port."""
    peer = TransitPeer()

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self):
            body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
            time.sleep(peer.delay)
            _, _, mount, verb, name = self.path.split("/")
            if peer.sealed:
                status, answer = 503, {"errors": ["Vault is sealed"]}
            elif self.headers.get("X-Vault-Token") != peer.token:
                status, answer = 403, {"errors": ["permission denied"]}
            elif (mount, name) != ("transit", KEY_NAME):
                status, answer = 404, {"errors": []}
            else:
                status, answer = peer.answer(verb, body)
            raw = json.dumps(answer).encode()
            with contextlib.suppress(BrokenPipeError, ConnectionResetError):
                self.send_response(status)
                self.send_header("Content-Type", "application/json")
                self.send_header("Content-Length", str(len(raw)))
                self.end_headers()
                self.wfile.write(raw)

        def log_message(self, *_):
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    peer.url = f"http://127.0.0.1:{server.server_port}"
    thread = threading.Thread(target=server.serve_forever, args=(0.05,))
    thread.start()
    try:
        yield peer
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
