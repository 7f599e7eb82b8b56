"""Starting twice, stopping, being killed: the terminal says what happens, and nobody is left behind.

Its houses are empty (a mark says that the demo is there already): what they hold is not the question.
"""

import contextlib
import signal
import socket
import time

import httpx
import psutil
import pytest

from journeys.house.running import READY_SECONDS, RunningHouse, is_free


@pytest.fixture(scope="module")
def folder():
    """A house without people, for all of this file: what was killed or stopped there is what the next one starts on."""
    made = RunningHouse()
    (made.home / "sandbox").mkdir()
    (made.home / "sandbox" / "seeded").touch()
    yield made
    made.forget()


@pytest.fixture
def empty(folder):
    """The house without people, stopped whatever happens."""
    yield folder
    if folder.process is not None and folder.process.poll() is None:
        folder.stop()


def test_the_demo_is_ready_in_time_and_says_who_to_be(running):
    assert running.seconds < READY_SECONDS
    for word in (running.manifest.base_url, "/pro", "/mail", "nour", "Ctrl-C", str(running.home / "sandbox.json")):
        assert word in running.said
    assert "Traceback" not in running.said
    assert "WARNING" not in running.said
    assert len(running.manifest.persons) >= 40
    assert len(running.manifest.professionals) >= 15


def test_ctrl_c_while_starting_leaves_nobody(empty):
    for said in ("database…", "simulators, web server, worker…"):  # the first time there is no database yet
        empty.launch()
        while said not in empty.said:
            assert empty.process.poll() is None, empty.said
            time.sleep(0.05)
        others = empty.everybody()
        empty.process.send_signal(signal.SIGINT)
        empty.process.wait(60)
        _, left = psutil.wait_procs(others, timeout=5)
        assert left == []
        assert not (empty.home / "pg" / "postmaster.pid").exists()
        assert "Traceback" not in empty.said


def test_a_second_start_is_told_and_a_killed_house_leaves_nobody_and_starts_again(empty):
    empty.start()
    # a second start on the same folder, and one on the same ports, end with a sentence
    again = empty.carnet("run")
    assert again.returncode == 1
    assert f"Carnet is already running on {empty.home}" in again.stderr
    assert "Traceback" not in again.stderr
    # when the supervisor is killed, everybody else leaves and the ports are free
    empty.stop(signal.SIGKILL)
    # then it starts again on the same data
    empty.start()
    assert httpx.get(f"{empty.manifest.base_url}/readyz", trust_env=False).status_code == 200
    # right after a kill the next one takes over the database, and stops it in the end
    others, killed = empty.everybody(), empty.process
    killed.kill()
    empty.start()  # the killed one is a zombie still: nobody waited for it
    empty.stop(signal.SIGTERM)
    assert "Stopped." in empty.said
    assert not (empty.home / "pg" / "postmaster.pid").exists()
    killed.wait()
    _, left = psutil.wait_procs(others, timeout=5)
    assert left == []


def sequencers(house):
    found = []
    for one in house.everybody():
        with contextlib.suppress(psutil.NoSuchProcess):
            found += [one] if one.cmdline()[-1:] == ["sequencer"] else []
    return found


def test_a_process_that_dies_takes_the_house_down_with_a_sentence_but_what_seals_is_begun_again(empty):
    empty.start()
    (sequencer,) = sequencers(empty)
    sequencer.kill()
    deadline = time.monotonic() + 60
    while sequencers(empty) in ([], [sequencer]) and time.monotonic() < deadline:
        time.sleep(0.1)
    assert len(sequencers(empty)) == 1
    assert empty.process.poll() is None
    assert "sequencer ended by itself" in empty.said
    others = empty.everybody()
    worker = next(one for one in others if one.cmdline()[-1:] == ["worker"])
    worker.kill()
    assert empty.process.wait(60) == 1
    assert "worker ended by itself" in empty.said
    _, left = psutil.wait_procs(others, timeout=5)
    assert left == []
    assert is_free(empty.port)


def test_a_taken_port_is_named(empty):
    with socket.socket() as other:
        other.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)  # a house that was there leaves it waiting a while
        other.bind(("127.0.0.1", empty.port + 1))
        other.listen()
        refused = empty.carnet("run")
    assert refused.returncode == 1
    assert f"{empty.port + 1} (simulators)" in refused.stderr
    assert "CARNET_PORT=" in refused.stderr
