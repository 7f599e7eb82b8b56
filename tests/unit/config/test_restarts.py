"""What fails again and again is begun again less and less often; what ran well for long, at once."""

from carnet.config.restarts import LONGEST, SHORTEST, Restarts


def test_the_pause_doubles_up_to_a_minute_and_is_forgotten_after_a_long_run():
    restarts, now, pauses = Restarts(), 0.0, []
    for _ in range(9):
        restarts.began("sequencer", ("sequencer",), now=now)
        assert not restarts.is_due("sequencer", now=now)
        pauses.append(restarts.ended("sequencer", now=now))
        assert restarts.ended("sequencer", now=now) is None
        assert not restarts.is_due("sequencer", now=now + pauses[-1] - 0.1)
        now += pauses[-1]
        assert restarts.is_due("sequencer", now=now)
    assert pauses == [1, 2, 4, 8, 16, 32, LONGEST, LONGEST, LONGEST]
    restarts.began("sequencer", ("sequencer",), now=now)
    assert restarts.ended("sequencer", now=now + LONGEST + 1) == SHORTEST
