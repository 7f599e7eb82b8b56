"""The Merkle tree of RFC 6962 §2.1: roots, proofs that something is in it, proofs that it only grew.

Whoever holds the hashes says how to get one: `hash_of(level, index)` is the root of the full subtree of 2^level leaves
that starts at leaf index·2^level. Nothing here reads a file.
"""

import hashlib
from collections.abc import Callable, Iterator, Sequence

HashOf = Callable[[int, int], bytes]
EMPTY_ROOT = hashlib.sha256(b"").digest()
HASH_BYTES = 32


class ProofError(ValueError):
    """The proof does not prove it."""


def node_hash(left: bytes, right: bytes) -> bytes:
    """Return the hash of a node above two others."""
    return hashlib.sha256(b"\x01" + left + right).digest()


def split(width: int) -> int:
    """Return the largest power of two smaller than `width` (at least 2 leaves)."""
    return 1 << ((width - 1).bit_length() - 1)


def range_hash(low: int, high: int, hash_of: HashOf) -> bytes:
    """Return the root over leaves low (included) to high (excluded), a range the tree divides into.

    What is as wide as a power of two begins at a multiple of its width in every such range: it is one full subtree.
    """
    width = high - low
    if width == 0:
        return EMPTY_ROOT
    if width & (width - 1) == 0:
        level = width.bit_length() - 1
        return hash_of(level, low >> level)
    middle = low + split(width)
    return node_hash(range_hash(low, middle, hash_of), range_hash(middle, high, hash_of))


def consistency_proof(old: int, new: int, hash_of: HashOf) -> list[bytes]:
    """Return the proof that the tree of `new` leaves begins with the tree of `old` (RFC 6962 §2.1.2)."""
    if not 0 <= old <= new:
        raise ProofError("the older tree is larger")
    if old in {0, new}:
        return []
    low, high, path, whole = 0, new, [], True
    while old != high:
        middle = low + split(high - low)
        if old <= middle:
            path.append(range_hash(middle, high, hash_of))
            high = middle
        else:
            path.append(range_hash(low, middle, hash_of))
            low, whole = middle, False
    if not whole:
        path.append(range_hash(low, high, hash_of))
    return path[::-1]


def check_consistency(old: int, old_root: bytes, new: int, new_root: bytes, proof: Sequence[bytes]) -> None:
    """Raise ProofError unless the proof shows that the newer tree begins with the older (RFC 9162 §2.1.4.2)."""
    if old > new:
        raise ProofError("the newer tree is smaller")
    if old in {0, new}:
        if proof or (old == new and old_root != new_root) or (old == 0 and old_root != EMPTY_ROOT):
            raise ProofError("two trees of one size differ" if old == new else "nothing needs no proof")
        return
    path = list(proof)
    if old & (old - 1) == 0:
        path.insert(0, old_root)
    if not path:
        raise ProofError("the proof is empty")
    node, last = old - 1, new - 1
    while node & 1:
        node, last = node >> 1, last >> 1
    older = newer = path[0]
    for sibling in path[1:]:
        if last == 0:
            raise ProofError("the proof is too long")
        if node & 1 or node == last:
            older, newer = node_hash(sibling, older), node_hash(sibling, newer)
            while not node & 1 and node:
                node, last = node >> 1, last >> 1
        else:
            newer = node_hash(newer, sibling)
        node, last = node >> 1, last >> 1
    if last or older != old_root or newer != new_root:
        raise ProofError("the newer tree does not begin with the older")


def batch_proof(indices: Sequence[int], size: int, hash_of: HashOf) -> Iterator[bytes]:
    """Yield the hashes that, with the leaves at `indices` (ascending, distinct), rebuild the root: left to right.

    One proof for a whole journal: neighbours share their path. The verifier walks the same way and takes the next
    hash wherever a part of the tree holds none of its leaves (docs/journal-format.md §5).
    """

    def walk(low: int, high: int, first: int, last: int) -> Iterator[bytes]:
        if first == last:
            yield range_hash(low, high, hash_of)
        elif high - low > 1:
            middle = low + split(high - low)
            cut = first
            while cut < last and indices[cut] < middle:
                cut += 1
            yield from walk(low, middle, first, cut)
            yield from walk(middle, high, cut, last)

    if size:
        yield from walk(0, size, 0, len(indices))


class Frontier:
    """The least that lets a tree grow and tell its root: one hash for each bit of its size."""

    def __init__(self, size: int = 0, hashes: Sequence[bytes] = ()) -> None:
        if len(hashes) != size.bit_count():
            raise ValueError("a frontier has one hash for each bit of its size")
        self.size = size
        self.hashes = list(hashes)

    def add(self, leaf: bytes) -> None:
        """Append one leaf hash."""
        size, node = self.size, leaf
        while size & 1:
            node = node_hash(self.hashes.pop(), node)
            size >>= 1
        self.hashes.append(node)
        self.size += 1

    def root(self) -> bytes:
        """Return the root of the tree so far."""
        if not self.hashes:
            return EMPTY_ROOT
        result = self.hashes[-1]
        for left in self.hashes[-2::-1]:
            result = node_hash(left, result)
        return result
