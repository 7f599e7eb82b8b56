"""The log as others read it: from a folder, from an address that may be hostile, and one published state of it."""

import contextlib
import http.server
import threading
from pathlib import Path

import pytest

from carnet.journal.log import reading, view
from carnet.journal.log.reading import FolderLog, LogUnreadable, WebLog, open_log
from carnet.journal.log.tiles import TileStore, read_tile
from carnet.journal.log.view import PROGRAM, LogView, published_log, seat_log
from carnet.journal.rules.leaves import LEAF_BYTES, leaf_hash
from carnet.journal.rules.merkle import batch_proof
from factories.journal_export import Tree, make_export, seed, write_log

LEAVES = [seed(str(one)).ljust(LEAF_BYTES, b"\0") for one in range(300)]
BUNDLE = 256 * (LEAF_BYTES + 2)


@contextlib.contextmanager
def serving(answers):
    """A server that answers each path with (status, body, headers); its address, and what it was asked."""
    asked = []

    class Handler(http.server.BaseHTTPRequestHandler):
        def do_GET(self):
            asked.append(self.path)
            status, body, headers = answers.get(self.path, (404, b"", {}))
            self.send_response(status)
            for name, value in headers.items():
                self.send_header(name, value)
            self.end_headers()
            with contextlib.suppress(ConnectionError):
                self.wfile.write(body)

        def log_message(self, *_):
            """Say nothing."""

    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, args=(0.02,))
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_address[1]}/journal/", asked
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


@pytest.fixture
def folder(tmp_path):
    TileStore(tmp_path).append(LEAVES)
    return tmp_path


def test_leaves_are_the_same_from_a_folder_and_from_its_address(folder):
    tiles = {
        "000": read_tile(folder, "entries", 0, 256),
        "001.p/44": read_tile(folder, "entries", 1, 44),
        "000.p/255": read_tile(folder, "entries", 0, 255),
    }
    answers = {f"/journal/tile/entries/{name}": (200, data, {}) for name, data in tiles.items()}
    answers["/journal/checkpoint"] = (200, "cé".encode(), {})
    with serving(answers) as (url, _):
        web, near = open_log(url), open_log(str(folder))
        assert (type(web), type(near)) == (WebLog, FolderLog)
        for number, width, found in ((0, 256, LEAVES[:256]), (0, 255, LEAVES[:255]), (1, 44, LEAVES[256:])):
            assert web.bundle(number, width) == near.bundle(number, width) == found
        assert web.checkpoint() == "cé"
        with pytest.raises(LogUnreadable):
            near.checkpoint()
        web.close()
    assert isinstance(open_log("https://a.example/journal"), WebLog)


def test_nothing_but_whole_leaves_is_taken(folder, tmp_path):
    near = open_log(str(folder))
    for number, width in ((1, 45), (2, 1)):
        with pytest.raises(LogUnreadable):
            near.bundle(number, width)
    odd = [*LEAVES[:2], LEAVES[2] + b"x", *LEAVES[3:5]]
    path = tmp_path / "odd" / "tile" / "entries"
    path.mkdir(parents=True)
    (path / "000").write_bytes(b"".join(len(one).to_bytes(2, "big") + one for one in odd))
    assert open_log(str(tmp_path / "odd")).bundle(0, 2) == odd[:2]
    with pytest.raises(LogUnreadable):
        open_log(str(tmp_path / "odd")).bundle(0, 5)


def test_a_hostile_address_is_read_no_further_than_a_bundle(monkeypatch):
    for name in ("http_proxy", "all_proxy"):
        monkeypatch.setenv(name, "http://127.0.0.1:1")
    answers = {
        "/journal/checkpoint": (302, b"", {"Location": "/journal/tile/entries/000"}),
        "/journal/tile/entries/000": (200, b"x" * (BUNDLE + 1), {}),
        "/journal/tile/entries/001": (500, b"", {}),
        "/journal/tile/entries/002": (200, b"x", {"Content-Length": "100"}),
    }
    with serving(answers) as (url, asked):
        web = WebLog(url)
        with pytest.raises(LogUnreadable, match="checkpoint: 302"):
            web.checkpoint()
        assert asked == ["/journal/checkpoint"], "it follows nobody"
        for number, why in ((0, "too long"), (1, "500"), (2, "RemoteProtocolError"), (3, "404")):
            with pytest.raises(LogUnreadable, match=why):
                web.bundle(number, 256)
        answers["/journal/checkpoint"] = (200, b"x" * BUNDLE, {})
        assert len(web.checkpoint()) == BUNDLE
        monkeypatch.setattr(reading.time, "monotonic", iter((100.0, 130.5)).__next__)
        with pytest.raises(LogUnreadable, match="too long"):
            web.checkpoint()
        monkeypatch.undo()
        web.close()
    with pytest.raises(LogUnreadable, match="ConnectError"):
        WebLog(url).checkpoint()


def test_one_published_state_stays_as_it_is_while_the_log_grows(tmp_path):
    export = make_export(100, strangers=2)
    store = write_log(tmp_path, export)
    seen = LogView(tmp_path, quorum=2)
    assert (seen.size, seen.origin, seen.quorum, seen.keys) == (
        300,
        export["log"]["origin"],
        2,
        export["log"]["keys"],
    )
    leaves = [store.read("entries", at // 256)[at % 256 * 107 + 2 :][:LEAF_BYTES] for at in range(300)]
    store.append(LEAVES)
    (tmp_path / "checkpoint").write_text("gone")
    assert [seen.leaf(at) for at in (299, 0, 255, 256, 1)] == [leaves[at] for at in (299, 0, 255, 256, 1)]
    tree = Tree([leaf_hash(one) for one in leaves])
    assert list(seen.proof([256, 3, 7])) == list(batch_proof([3, 7, 256], 300, tree.hash_of))
    assert PROGRAM.name == "verify_journal.py"


def test_a_bundle_is_read_once_in_ascending_order(tmp_path, monkeypatch):
    write_log(tmp_path, make_export(100, strangers=2))
    seen, read, taken = LogView(tmp_path), TileStore.read, []
    monkeypatch.setattr(TileStore, "read", lambda self, *of: taken.append(of) or read(self, *of))
    for at in range(300):
        seen.leaf(at)
    assert taken == [("entries", 0), ("entries", 1)]


def test_nothing_published_is_an_empty_log(tmp_path):
    kept = list(view._seated)
    try:
        seat_log(None)
        for empty in (published_log(), LogView(tmp_path)):
            assert (empty.size, empty.origin, empty.keys, empty.checkpoint, empty.quorum) == (0, "", [], "", 0)
        export = make_export(3)
        write_log(tmp_path, export)
        seat_log(tmp_path, quorum=2)
        assert (published_log().checkpoint, published_log().quorum) == (export["checkpoint"], 2)
        seat_log(Path(tmp_path / "other"))
        assert (published_log().size, published_log().quorum) == (0, 0)
    finally:
        view._seated[:] = kept
