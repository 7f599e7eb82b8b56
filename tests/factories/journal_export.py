"""Journals as people take them away, made in memory: one space's entries among strangers' leaves, signed, witnessed."""

import base64
import datetime as dt
import hashlib
import uuid

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from carnet.journal.queries.proof import written
from carnet.journal.rules.leaves import LEAF_BYTES, NO_LEAF, commitment, leaf, leaf_hash
from carnet.journal.rules.merkle import batch_proof, range_hash
from carnet.journal.rules.notes import LOG, WITNESS, Checkpoint, Note, cosign, public_key, sign

ORIGIN = "tests.carnet.example/journal"
AT = dt.datetime(2026, 11, 21, 9, 0, tzinfo=dt.UTC)


class Tree:
    """A tree of leaf hashes in memory."""

    def __init__(self, hashes):
        self.rows = [list(hashes)]
        while len(self.rows[-1]) > 1:
            row = self.rows[-1]
            pairs = range(0, len(row) - 1, 2)
            self.rows.append([hashlib.sha256(b"\x01" + row[at] + row[at + 1]).digest() for at in pairs])

    def hash_of(self, level, index):
        return self.rows[level][index]


def seed(text):
    return hashlib.sha256(text.encode()).digest()


def key_of(name):
    return Ed25519PrivateKey.from_private_bytes(seed(name))


def make_entry(space, number, **changes):
    return {
        "space_id": space,
        "at": AT + dt.timedelta(seconds=number),
        "act": "read-document",
        "outcome": "done",
        "reason": None,
        "ground": "authorisation",
        "actor_kind": "professional",
        "actor_id": "10000000001",
        "actor_name": "Dr Aurèle Brindavoine",
        "profession": "10",
        "organisation": "750000001",
        "organisation_name": "Cabinet de l’Érable",
        "client_id": None,
        "client_name": None,
        "on_behalf_of": None,
        "session": "s1",
        "document_ids": [str(uuid.UUID(int=number))],
        "details": {"number": number},
    } | changes


def make_export(
    count, *, strangers=1, origin=ORIGIN, name="space", signer="log", witnesses=("w1", "w2"), cosigners=None
):
    """An export of `count` entries of the space `name`, each followed by leaves of `strangers` others."""
    space, key = str(uuid.UUID(bytes=seed(name)[:16])), seed(f"{name} key")
    leaves, rows, previous = [], [], NO_LEAF
    for number in range(1, count + 1):
        entry, nonce = make_entry(space, number), seed(f"{name} nonce {number}")
        data = leaf(
            seconds=int(entry["at"].timestamp()) + 1,
            key=key,
            place=number,
            previous=previous,
            committed=commitment(entry, nonce=nonce),
        )
        rows.append(
            {
                "number": number,
                "index": len(leaves),
                "leaf": text(data),
                "nonce": text(nonce),
                "entry": written(entry),
                "sentence": "…",
            }
        )
        leaves.append(data)
        leaves += [seed(f"stranger {number} {other}").ljust(LEAF_BYTES, b"\0") for other in range(strangers)]
        previous = leaf_hash(data)
    return sealed(
        rows, leaves, space=space, key=key, origin=origin, signer=signer, witnesses=witnesses, cosigners=cosigners
    )


def sealed(rows, leaves, *, space, key, origin=ORIGIN, signer="log", witnesses=("w1", "w2"), cosigners=None):
    """The export of these rows in a log of these leaves; `leaves` is kept under `_leaves` for tests that tamper."""
    tree = Tree([leaf_hash(one) for one in leaves])
    root = range_hash(0, len(leaves), tree.hash_of)
    checkpoint = Checkpoint(origin, len(leaves), root)
    seconds = int(AT.timestamp()) + len(rows) + 2
    note = Note(
        checkpoint.text,
        (
            sign(checkpoint.text, key=key_of(signer), name=origin),
            *(cosign(checkpoint.text, key=key_of(one), name=one, seconds=seconds) for one in cosigners or witnesses),
        ),
    )
    keys = [public_key(key_of("log"), name=origin, kind=LOG)]
    keys += [public_key(key_of(one), name=one, kind=WITNESS) for one in witnesses]
    proof = [text(one) for one in batch_proof([row["index"] for row in rows], len(leaves), tree.hash_of)]
    return {
        "format": "carnet-journal/1",
        "made": "2026-11-21T09:00:00Z",
        "space": space,
        "key": key.hex(),
        "log": {"origin": origin, "keys": [str(one) for one in keys], "quorum": len(witnesses)},
        "checkpoint": str(note),
        "entries": rows,
        "announced": [],
        "waiting": [],
        "proof": proof,
        "_leaves": [text(one) for one in leaves],
    }


def text(data):
    return base64.b64encode(data).decode()


def write_log(folder, export):
    """Publish the log of an export in a folder, as anybody may read it."""
    from carnet.journal.log.tiles import TileStore

    folder.mkdir(parents=True, exist_ok=True)
    store = TileStore(folder)
    store.append([base64.b64decode(one) for one in export["_leaves"]])
    store.publish(export["checkpoint"])
    (folder / "keys").write_text("\n".join(export["log"]["keys"]) + "\n", encoding="utf-8")
    return store
