"""Alarms: each said once, kept where a person looks, and no disk is filled with them."""

import datetime as dt

from carnet.infra import clock
from carnet.journal.log.alarms import LARGEST, MOST, Alarm, Alarms, read_alarms


def test_each_is_kept_once_in_a_run_and_read_back_in_order(tmp_path, monkeypatch):
    monkeypatch.setattr(clock, "now", lambda: dt.datetime(2026, 11, 21, 9, 0, 0, 500_000, tzinfo=dt.UTC))
    path = tmp_path / "deep" / "private" / "alarms"
    assert read_alarms(path) == []
    for _ in range(2):
        alarms = Alarms(path, by="monitor")
        for where in ("size 3", "size 4", "size 3"):
            alarms.ring("forked", where)
        alarms.ring("rolled-back", "size 3")
    found = [Alarm(kind, where, "monitor", "2026-11-21T09:00:00+00:00") for kind, where in
             (("forked", "size 3"), ("forked", "size 4"), ("rolled-back", "size 3"))]  # fmt: skip
    assert alarms.raised == found
    assert read_alarms(path) == found * 2, "another run says it again"


def test_the_first_thousand_are_kept(tmp_path):
    alarms = Alarms(None, by="monitor")
    for number in range(1_001):
        alarms.ring("replayed", f"leaf {number}")
    assert [len(alarms.raised), alarms.raised[-1].where, MOST] == [1_000, "leaf 999", 1_000]


def test_a_file_of_a_megabyte_is_added_to_no_more(tmp_path):
    path = tmp_path / "alarms"
    for size, grows in ((1_000_000, True), (1_000_001, False)):
        path.write_bytes(b"\n" * size)
        alarms = Alarms(path, by="monitor")
        alarms.ring("forked", "size 3")
        assert (path.stat().st_size > size) is grows
        assert len(alarms.raised) == 1
    assert LARGEST == 1_000_000
