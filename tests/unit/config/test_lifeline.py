"""A child of the house ends with whoever started it; one that does not hold its lifeline is seen to stay."""

import os
import subprocess
import sys

import pytest

CHILD = """
import sys, time
if sys.argv[1] == "held":
    from carnet.config import lifeline
    lifeline.hold()
print("here", flush=True)
time.sleep(30)
"""


@pytest.fixture
def child():
    """child("held"): a process whose standard input is a pipe, and the pipe's writing end."""
    made = []

    def start(how):
        reading, writing = os.pipe()
        process = subprocess.Popen(
            [sys.executable, "-c", CHILD, how],
            stdin=reading,
            stdout=subprocess.PIPE,
            env=os.environ | {"PYTHONPATH": "src"},
            start_new_session=True,
        )
        os.close(reading)
        made.append(process)
        assert process.stdout.readline() == b"here\n"
        return process, writing

    yield start
    for process in made:
        process.kill()
        process.wait()
        process.stdout.close()


def test_a_child_that_holds_its_lifeline_ends_when_the_other_end_is_gone(child):
    process, writing = child("held")
    assert process.poll() is None
    os.close(writing)
    assert process.wait(5) == -15


def test_one_that_does_not_is_seen_to_stay(child):
    process, writing = child("planted: nobody holds")
    os.close(writing)
    with pytest.raises(subprocess.TimeoutExpired):
        process.wait(1)
