"""Time and chance are seams: they can be stopped, and what they give by default is real."""

import datetime as dt
import uuid

import pytest

from carnet.infra import clock, randomness

NOON = dt.datetime(2026, 3, 1, 12, tzinfo=dt.UTC)


def test_the_system_clock_is_utc():
    assert clock.now().utcoffset() == dt.timedelta(0)


def test_a_frozen_clock_stands_still_moves_on_demand_and_goes_away():
    with clock.frozen(NOON) as frozen:
        assert clock.now() == NOON
        frozen.advance(dt.timedelta(hours=1))
        assert clock.now() == NOON + dt.timedelta(hours=1)
    assert clock.now() > NOON


def test_a_time_without_zone_is_refused():
    with pytest.raises(ValueError), clock.frozen(dt.datetime(2026, 3, 1)):  # noqa: DTZ001 - what is refused here
        pass


def test_uuid7_follows_rfc_9562_and_grows_with_time():
    with clock.frozen(NOON) as frozen:
        ids = []
        for _ in range(50):
            ids.append(randomness.uuid7())
            frozen.advance(dt.timedelta(milliseconds=1))
    assert ids == sorted(ids)
    assert len(set(ids)) == 50
    for one in ids:
        assert one.version == 7
        assert one.variant == uuid.RFC_4122
    assert ids[0].int >> 80 == int(NOON.timestamp() * 1000)


def test_uuid7_spreads_its_74_random_bits():
    with clock.frozen(NOON):
        ids = [randomness.uuid7().int for _ in range(200)]
    ever, always = 0, -1
    for one in ids:
        ever |= one
        always &= one
    free = (ever & ~always) & ((1 << 80) - 1)
    assert free.bit_count() == 74


def test_uuid4_is_one_and_seeding_repeats_it_only_inside_the_block():
    with randomness.seeded(7):
        first = (randomness.uuid4(), randomness.token_urlsafe())
    with randomness.seeded(7):
        assert (randomness.uuid4(), randomness.token_urlsafe()) == first
    assert randomness.uuid4() != first[0]
    assert first[0].version == 4
