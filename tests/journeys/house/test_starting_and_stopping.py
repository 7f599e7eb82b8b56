"""Starting twice, stopping, being killed: the terminal says what happens, and nobody is left behind.

Its houses are empty (a mark says that the demo is there already): what they hold is not the question.
"""

import contextlib
import os
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


def test_a_stop_while_starting_leaves_nobody(empty):
    # what a service manager sends when there is no database yet, then Ctrl-C when there is one (`running`: SIGTERM)
    for said, how in (("database…", signal.SIGTERM), ("simulators, web server, worker…", signal.SIGINT)):
        empty.launch()
        while said not in empty.said:
            assert empty.process.poll() is None, empty.said
            time.sleep(0.05)
        others = empty.everybody()
        empty.process.send_signal(how)
        empty.process.wait(60)
        _, left = psutil.wait_procs(others, timeout=20)
        assert left == []
        assert not (empty.home / "pg" / "postmaster.pid").exists()
        assert "Stopped." in empty.said
        assert "Traceback" not in empty.said


def test_it_is_started_twice_killed_and_bereaved(empty):
    """One story, because each start of a whole house takes its time: each step begins where the last one ended."""
    empty.start()
    a_second_start_is_told(empty)
    # when the supervisor is killed, everybody else leaves and the ports are free
    empty.stop(signal.SIGKILL)
    # then it starts again on the same data
    empty.start()
    assert httpx.get(f"{empty.manifest.base_url}/readyz", trust_env=False).status_code == 200
    # right after a kill the next one takes over the database
    before, killed = empty.everybody(), empty.process
    killed.kill()
    empty.start()  # the killed one is a zombie still: nobody waited for it
    what_seals_is_begun_again(empty)
    a_killed_database_comes_back(empty)
    # any other process that dies takes the house down with a sentence, and the database is stopped in the end
    others = empty.everybody()
    worker = next(one for one in others if one.cmdline()[-1:] == ["worker"])
    worker.kill()
    assert empty.process.wait(60) == 1
    assert "worker ended by itself" in empty.said
    assert not (empty.home / "pg" / "postmaster.pid").exists()
    killed.wait()
    _, left = psutil.wait_procs(before + others, timeout=20)
    assert left == []
    assert is_free(empty.port)


def a_second_start_is_told(house):
    """A second start on the same folder ends with a sentence, and commands in other shells still find the first."""
    again = house.carnet("run")
    assert again.returncode == 1
    assert f"Carnet is already running on {house.home}" in again.stderr
    assert "Traceback" not in again.stderr
    assert house.carnet("dead-letters").returncode == 0


def what_seals_is_begun_again(house):
    """The sequencer alone may die: nobody waits for it, the house goes on."""
    (sequencer,) = sequencers(house)
    sequencer.kill()
    deadline = time.monotonic() + 60
    while sequencers(house) in ([], [sequencer]) and time.monotonic() < deadline:
        time.sleep(0.1)
    assert len(sequencers(house)) == 1
    assert house.process.poll() is None
    assert "sequencer ended by itself" in house.said


def a_killed_database_comes_back(house):
    """And the house with it: nobody has to do anything, and the same processes answer."""
    web = [one.pid for one in house.everybody() if one.cmdline()[-1:] in (["web"], ["worker"])]
    os.kill(int((house.home / "pg" / "postmaster.pid").read_text(encoding="utf-8").split("\n")[0]), signal.SIGKILL)
    deadline = time.monotonic() + 60
    while not (house.said.count("it recovered") and answers(house)) and time.monotonic() < deadline:
        assert house.process.poll() is None, house.said
        time.sleep(0.1)
    assert answers(house)
    assert web == [one.pid for one in house.everybody() if one.cmdline()[-1:] in (["web"], ["worker"])]


def answers(house):
    return httpx.get(f"{house.manifest.base_url}/readyz", trust_env=False).status_code == 200


def sequencers(house):
    found = []
    for one in house.everybody():
        with contextlib.suppress(psutil.NoSuchProcess):
            found += [one] if one.cmdline()[-1:] == ["sequencer"] else []
    return found


def test_a_taken_port_is_named(empty):
    with socket.socket() as other:
        other.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)  # a house that was there leaves it waiting a while
        other.bind(("127.0.0.1", empty.port + 1))
        other.listen()
        refused = empty.carnet("run")
    assert refused.returncode == 1
    assert f"{empty.port + 1} (simulators)" in refused.stderr
    assert "CARNET_PORT=" in refused.stderr
