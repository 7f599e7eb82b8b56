import pytest
from litestar.testing import TestClient

from carnet.sandbox.providers.app import create_sandbox_app
from carnet.sandbox.providers.settings import SandboxSettings


@pytest.fixture
def settings(tmp_path):
    return SandboxSettings(
        base_url="http://127.0.0.1:8001", carnet_url="http://127.0.0.1:8000", home=tmp_path / "sandbox"
    )


@pytest.fixture
def client(settings):
    with TestClient(create_sandbox_app(settings), base_url=settings.base_url) as opened:
        yield opened
