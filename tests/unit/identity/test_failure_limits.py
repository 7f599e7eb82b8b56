"""Who fails too often waits; nobody else does, and memory does not grow."""

import datetime as dt

from carnet.infra.web.failure_limits import FailureLimits

AT = dt.datetime(2026, 11, 21, 9, 0, tzinfo=dt.UTC)
SECOND = dt.timedelta(seconds=1)


def test_a_burst_then_one_at_a_time():
    limits = FailureLimits(burst=3, every=10 * SECOND)
    for _ in range(3):
        assert limits.wait("a", at=AT) is None
        limits.failed("a", at=AT)
    assert limits.wait("a", at=AT) == 10 * SECOND
    assert limits.wait("b", at=AT) is None
    assert limits.wait("b", "a", at=AT + 4 * SECOND) == 6 * SECOND
    assert limits.wait("a", at=AT + 10 * SECOND) is None
    limits.failed("a", at=AT + 10 * SECOND)
    assert limits.wait("a", at=AT + 10 * SECOND) == 10 * SECOND


def test_rest_gives_the_whole_burst_back_and_no_more():
    limits = FailureLimits(burst=2, every=SECOND)
    for _ in range(2):
        limits.failed("a", at=AT)
    later = AT + dt.timedelta(hours=1)
    for _ in range(2):
        assert limits.wait("a", at=later) is None
        limits.failed("a", at=later)
    assert limits.wait("a", at=later) is not None


def test_memory_is_bounded_and_a_clock_set_back_gives_nothing():
    limits = FailureLimits(burst=1, every=SECOND, capacity=100)
    for number in range(1000):
        limits.failed(str(number), at=AT)
    assert len(limits._buckets) == 100
    assert limits.wait("999", at=AT - dt.timedelta(days=1)) == SECOND


def test_questions_asked_side_by_side_are_owed():
    """A hundred at once find the door open before the first is known to have failed: they are paid for afterwards."""
    limits = FailureLimits(burst=3, every=SECOND)
    for _ in range(13):
        limits.failed("a", at=AT)
    assert limits.wait("a", at=AT) == 11 * SECOND
    assert limits.wait("a", at=AT + 11 * SECOND) is None
    for _ in range(1000):
        limits.failed("b", at=AT)
    assert limits.wait("b", at=AT) == 31 * SECOND, "a debt has an end: ten bursts"
