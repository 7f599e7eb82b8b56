"""The keys that sign access tokens: two at most, the newest signs, both verify.

A 0600 file holds them as a JWK set sealed by the key-encryption key. Rotating replaces the older one; tokens live
minutes, so nothing waits. Every process notices by itself that the file was replaced.
"""

from pathlib import Path
from typing import Any

import msgspec
from joserfc import jwt
from joserfc.jwk import ECKey

from carnet.infra.disk import Disk
from carnet.infra.signed_tokens import Claims, VerificationKeys
from carnet.infra.vault import KeyEncryptionKey
from carnet.infra.vault.key_file import create_key_file, read_key_file, replace_key_file

ALGORITHM = "ES256"
TYPE = "at+jwt"
_CONTEXT = b"carnet/oauth/token-keys/1"
_KEPT = 2


class _Loaded(msgspec.Struct, frozen=True):
    signer: ECKey
    public: dict[str, Any]
    verifiers: VerificationKeys
    stamp: tuple[int, int, int]


class TokenKeys:
    """The signing keys, read from their file and read again when it changes."""

    def __init__(self, path: Path, *, kek: KeyEncryptionKey) -> None:
        """Read the key file at `path`; raises KeyFileUnusable, Unopenable or Unavailable."""
        self._path = path
        self._kek = kek
        self._loaded = self._load()

    @classmethod
    def load_or_create(cls, path: Path, *, kek: KeyEncryptionKey, disk: Disk | None = None) -> "TokenKeys":
        """Read the key file at `path`, or make one."""
        if not path.exists():
            create_key_file(path, _sealed([_new_key()], kek), disk=disk or Disk())
        return cls(path, kek=kek)

    def sign(self, claims: Claims) -> str:
        """Return an access token with these claims (RFC 9068 §2)."""
        signer = self._fresh().signer
        header = {"alg": ALGORITHM, "kid": signer.kid, "typ": TYPE}
        return jwt.encode(header, claims, signer, algorithms=[ALGORITHM])

    def verifiers(self, kid: str) -> VerificationKeys:
        """Return the keys to verify with; the file is looked at again when `kid` is not among them."""
        return self._loaded.verifiers if kid in self._loaded.verifiers else self._fresh().verifiers

    def public_set(self) -> dict[str, Any]:
        """Return the public JWK set (RFC 7517)."""
        return self._fresh().public

    def _fresh(self) -> _Loaded:
        try:
            changed = self._stamp() != self._loaded.stamp
        except FileNotFoundError:
            return self._loaded
        if changed:
            self._loaded = self._load()
        return self._loaded

    def _load(self) -> _Loaded:
        stamp = self._stamp() if self._path.exists() else (0, 0, 0)
        keys = _opened(self._path, self._kek)
        public = {"keys": [dict(key.as_dict(private=False)) for key in keys]}
        return _Loaded(signer=keys[0], public=public, verifiers=VerificationKeys(public), stamp=stamp)

    def _stamp(self) -> tuple[int, int, int]:
        facts = self._path.stat()
        return facts.st_mtime_ns, facts.st_ino, facts.st_size


def rotate_token_keys(path: Path, *, kek: KeyEncryptionKey, disk: Disk | None = None) -> str:
    """Make a new signing key, keep the previous one to verify, drop older ones; return the new kid."""
    keys = [_new_key(), *_opened(path, kek)][:_KEPT]
    replace_key_file(path, _sealed(keys, kek), disk=disk or Disk())
    return str(keys[0].kid)


def _new_key() -> ECKey:
    return ECKey.generate_key("P-256", {"use": "sig", "alg": ALGORITHM}, private=True, auto_kid=True)


def _sealed(keys: list[ECKey], kek: KeyEncryptionKey) -> bytes:
    plain = msgspec.json.encode({"keys": [dict(key.as_dict(private=True)) for key in keys]})
    return kek.wrap(plain, context=_CONTEXT)


def _opened(path: Path, kek: KeyEncryptionKey) -> list[ECKey]:
    content = msgspec.json.decode(kek.unwrap(read_key_file(path), context=_CONTEXT))
    return [ECKey.import_key(given) for given in content["keys"]]
