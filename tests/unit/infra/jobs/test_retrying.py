"""Patience doubles, is bounded, and ends; some failures are not worth any."""

import datetime as dt

import msgspec
import pytest
from procrastinate.jobs import Job

from carnet.infra.jobs.handlers import Dispatcher, GiveUp
from carnet.infra.jobs.retrying import Patience, Retrying


def test_pauses_double_up_to_a_bound_then_end():
    retrying = Retrying(attempts=8, first=2, longest=60)
    pauses = [retrying.pause(attempt=number) for number in range(1, 10)]
    assert pauses == [2, 4, 8, 16, 32, 60, 60, None, None]


def test_jobs_that_failed_together_do_not_return_together():
    retrying = Retrying()
    assert len({retrying.pause(attempt=5, job=job) for job in range(16)}) == 16
    assert max(retrying.pause(attempt=39, job=job) or 0 for job in range(100)) <= retrying.longest * 1.5


def test_the_default_bears_a_night_without_a_mail_server():
    retrying = Retrying()
    total = sum(retrying.pause(attempt=number) or 0 for number in range(1, 41))
    assert total > 24 * 3600


def job(attempts):
    return Job(id=1, queue="events", lock=None, queueing_lock=None, task_name="t", attempts=attempts)


def test_giving_up_is_at_once():
    patience = Patience(Retrying(attempts=3))
    assert patience.get_retry_decision(exception=GiveUp(), job=job(0)) is None
    assert patience.get_retry_decision(exception=ValueError(), job=job(1)) is not None
    assert patience.get_retry_decision(exception=ValueError(), job=job(2)) is None


class Ping(msgspec.Struct, frozen=True, tag=True):
    number: int


class Pong(msgspec.Struct, frozen=True, tag=True):
    number: int


async def test_each_event_goes_to_its_handlers_in_order():
    heard = []

    def hears(name):
        async def handler(event, /, *, at):
            heard.append((name, event, at))

        return handler

    dispatcher = Dispatcher({Ping: (hears("a"), hears("b")), Pong: ()})
    at = dt.datetime(2026, 1, 1, tzinfo=dt.UTC)
    await dispatcher.dispatch({"type": "Ping", "number": 1}, at=at)
    await dispatcher.dispatch({"type": "Pong", "number": 2}, at=at)
    assert heard == [("a", Ping(1), at), ("b", Ping(1), at)]


@pytest.mark.parametrize("event", [{"type": "Nobody", "number": 1}, {"number": 1}, {"type": "Ping", "number": "x"}, {}])
async def test_an_event_nobody_announced_is_an_error(event):
    with pytest.raises(msgspec.ValidationError):
        await Dispatcher({Ping: (), Pong: ()}).dispatch(event, at=dt.datetime(2026, 1, 1, tzinfo=dt.UTC))
