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


@pytest.fixture
def empty():
    """A house without people, stopped whatever happens."""
    made = RunningHouse()
    (made.home / "sandbox").mkdir()
    (made.home / "sandbox" / "seeded").touch()
    yield made
    if made.process is not None and made.process.poll() is None:
        made.stop()
    made.forget()


def test_the_demo_is_ready_in_time_and_says_who_to_be(running):
    assert running.seconds < READY_SECONDS
    for word in (running.manifest.base_url, "/pro", "/mail", "nour", "Ctrl-C", str(running.home / "sandbox.json")):
        assert word in running.said
    assert "Traceback" not in running.said
    assert "WARNING" not in running.said
    assert len(running.manifest.persons) >= 40
    assert len(running.manifest.professionals) >= 15


def test_a_second_start_is_told_and_a_killed_house_leaves_nobody_and_starts_again(empty):
    empty.start()
    # a second start on the same folder, and one on the same ports, end with a sentence
    again = empty.carnet("run")
    assert again.returncode == 1
    assert f"Carnet is already running on {empty.home}" in again.stderr
    assert "Traceback" not in again.stderr
    # when the supervisor is killed, everybody else leaves and the ports are free
    empty.stop(signal.SIGKILL)
    # then it starts again on the same data, and stops as asked, the database included
    empty.start()
    assert httpx.get(f"{empty.manifest.base_url}/readyz", trust_env=False).status_code == 200
    empty.stop(signal.SIGTERM)
    assert "Stopped." in empty.said
    assert not (empty.home / "pg" / "postmaster.pid").exists()


def test_a_start_right_after_a_kill_takes_over_the_database_and_stops_it_in_the_end(empty):
    empty.start()
    others = empty.everybody()
    killed = empty.process
    killed.kill()
    empty.start()  # the killed one is a zombie still: nobody waited for it
    empty.stop()
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
        other.bind(("127.0.0.1", empty.port + 1))
        other.listen()
        refused = empty.carnet("run")
    assert refused.returncode == 1
    assert f"{empty.port + 1} (simulators)" in refused.stderr
    assert "CARNET_PORT=" in refused.stderr


def test_ctrl_c_while_starting_leaves_nobody(empty):
    for said in ("database…", "simulators, web server, worker…"):
        with empty.output.open("ab") as output:
            empty.process = psutil.Popen(
                [os.sys.executable, "-m", "carnet", "run"],
                env=empty.environment,
                stdout=output,
                stderr=output,
                start_new_session=True,
            )
        while said not in empty.output.read_text(encoding="utf-8"):
            assert empty.process.poll() is None, empty.said
            time.sleep(0.05)
        others = empty.everybody()
        empty.process.send_signal(signal.SIGINT)
        empty.process.wait(60)
        _, left = psutil.wait_procs(others, timeout=5)
        assert left == []
        assert not (empty.home / "pg" / "postmaster.pid").exists()
    assert "Traceback" not in empty.said
