"""What sealing costs at the segment length we chose and at the one Tink's templates offer (run with -s to read it)."""

import os
import time

import pytest

from carnet.infra.blobs import segments

SECRET, BOUND_TO = os.urandom(32), b"x" * 64


def best_of(call, rounds=15):
    found = []
    for _ in range(rounds):
        started = time.perf_counter()
        call()
        found.append(time.perf_counter() - started)
    return min(found)


def cost(content):
    """Return the best times, in seconds, to seal and to open `content`."""
    sealed = segments.seal_whole(content, secret=SECRET, associated_data=BOUND_TO)

    def open_all():
        segments.SegmentOpener(
            secrets=[SECRET], associated_data=BOUND_TO, header=bytes(sealed[: segments.HEADER]), sealed=len(sealed)
        ).open(0, memoryview(sealed)[segments.HEADER :])

    sealing = best_of(lambda: segments.seal_whole(content, secret=SECRET, associated_data=BOUND_TO))
    return sealing, best_of(open_all)


@pytest.mark.parametrize("length", [64 * 1024, 1024 * 1024])
@pytest.mark.parametrize("size", [50_000, 5_000_000])
def test_sealing_is_never_what_a_request_waits_for(monkeypatch, length, size):
    monkeypatch.setattr(segments, "SEGMENT", length)
    monkeypatch.setattr(segments, "_FIRST", length - segments.HEADER - segments.TAG)
    monkeypatch.setattr(segments, "_NEXT", length - segments.TAG)
    sealing, opening = cost(os.urandom(size))
    facts = f"{length // 1024} KiB segments, {size} bytes"
    print(f"{facts}: sealed in {sealing * 1e6:.0f} µs, opened in {opening * 1e6:.0f}")  # noqa: T201 - the figure is the point
    assert max(sealing, opening) < 100e-6 + size / 500e6, "slower than 500 MB/s"
