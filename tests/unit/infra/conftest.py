"""One house's key file and one space's keys, made anew for each test."""

import uuid

import pytest

from carnet.infra.vault import FileKek, SpaceKeys, new_space_keyset


@pytest.fixture
def kek(tmp_path):
    return FileKek.open_or_create(tmp_path / "secrets" / "kek.json")


@pytest.fixture
def space_id():
    return uuid.uuid4()


@pytest.fixture
def keys(space_id):
    return SpaceKeys(new_space_keyset(), space_id=space_id)
