"""A real S3 service shared by the session, and one space's keys."""

import uuid

import pytest

from carnet.infra.blobs import S3Blobs
from carnet.infra.vault import SpaceKeys, new_space_keyset
from factories import seaweed


@pytest.fixture(scope="session")
def s3_settings(tmp_path_factory):
    with seaweed.running(tmp_path_factory.mktemp("weed")) as settings:
        yield settings


@pytest.fixture
def s3(s3_settings):
    return S3Blobs(s3_settings)


@pytest.fixture
def space_id():
    return uuid.uuid4()


@pytest.fixture
def keys(space_id):
    return SpaceKeys(new_space_keyset(), space_id=space_id)


@pytest.fixture
def place(keys, space_id):
    return {"keys": keys, "space_id": space_id}
