"""Signing keys of the sandbox, made on first use and kept under CARNET_HOME so that tokens survive a restart."""

import json
import os
from pathlib import Path
from typing import Any

from joserfc.jwk import ECKey


def load_or_create(path: Path, *, curve: str = "P-256", algorithm: str = "ES256") -> ECKey:
    """The private key at `path` (JWK, mode 0600), created when absent. OSError when the folder cannot be written."""
    if path.exists():
        return ECKey.import_key(json.loads(path.read_text()))
    key = ECKey.generate_key(curve, {"use": "sig", "alg": algorithm}, private=True, auto_kid=True)
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(handle, "w") as out:
        json.dump(key.as_dict(private=True), out)
    return key


def public_set(*keys: ECKey) -> dict[str, Any]:
    """A JWK set holding the public halves."""
    return {"keys": [dict(key.as_dict(private=False)) for key in keys]}
