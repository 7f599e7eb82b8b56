"""The log at its public addresses: each tile at one address, and there for ever the same bytes."""

import pytest
from litestar import Litestar
from litestar.testing import TestClient

from carnet.interfaces.log.routes import log_routes
from carnet.journal.log.tiles import TileStore, split_bundle
from carnet.journal.rules.leaves import LEAF_BYTES

LEAVES = [number.to_bytes(2, "big").ljust(LEAF_BYTES, b"\0") for number in range(300)]


@pytest.fixture(scope="module")
def public(tmp_path_factory):
    folder = tmp_path_factory.mktemp("log")
    TileStore(folder).append(LEAVES)
    with TestClient(Litestar(log_routes(folder))) as client:
        yield client


def test_a_tile_is_given_as_wide_as_asked(public):
    found = [public.get(f"/journal/tile/entries/{one}") for one in ("000", "001.p/44", "001.p/1")]
    assert [split_bundle(one.content) for one in found] == [LEAVES[:256], LEAVES[256:], LEAVES[256:257]]
    assert all("immutable" in one.headers["cache-control"] for one in found)


@pytest.mark.parametrize(
    "other", ["entries/x000/000", "entries/000.p/256", "entries/001", "entries/001.p/45", "entries/001.p/0", "0/002"]
)
def test_nothing_has_a_second_address(public, other):
    assert public.get(f"/journal/tile/{other}").status_code == 404
