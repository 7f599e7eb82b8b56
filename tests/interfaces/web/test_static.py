"""Static files: served from memory, kept for ever under an address with their hash, and nothing else on the disk."""

import pytest
from litestar import Litestar
from litestar.testing import TestClient

from carnet.config.static import static
from carnet.formats.cda import STYLESHEET


@pytest.fixture(scope="module")
def client():
    with TestClient(Litestar([static], openapi_config=None)) as client:
        yield client


def test_a_file_is_served_and_kept_under_its_hash(client):
    plain, hashed = client.get("/static/layout.css"), client.get("/static/layout.css?v=abc")
    assert plain.status_code == hashed.status_code == 200
    assert plain.content == hashed.content != b""
    assert plain.headers["content-type"].startswith("text/css")
    assert "immutable" in hashed.headers["cache-control"]
    assert "immutable" not in plain.headers["cache-control"]


def test_the_style_sheet_of_clinical_documents_is_served(client):
    answer = client.get(f"/static/{STYLESHEET.name}")
    assert answer.content == STYLESHEET.read_bytes()
    assert answer.headers["cross-origin-resource-policy"] == "cross-origin"


@pytest.mark.parametrize(
    "path", ["nothing.css", "../static_files.py", "%2e%2e/static_files.py", "vendor", "", "..%2f..%2fconfig%2fcli.py"]
)
def test_nothing_else_is_served(client, path):
    assert client.get(f"/static/{path}").status_code == 404
