"""Logs are one object a line, whoever speaks: what a library says over several lines too."""

import io
import json
import logging

from carnet.infra.telemetry import structured


def said(handler, stream):
    logger = logging.Logger("a.library")  # noqa: LOG001 - one of its own: nobody else's words come through it
    logger.addHandler(handler)
    logger.warning("no answer from %r\nDETAIL: starting up", "pool-1")
    logger.error("no answer", exc_info=OSError("gone"))
    return stream.getvalue().splitlines()


def test_a_library_speaks_in_the_same_form():
    stream = io.StringIO()
    first, second = [json.loads(line) for line in said(structured(stream), stream)]
    assert first.items() >= {"event": "no answer from 'pool-1'\nDETAIL: starting up", "level": "warning"}.items()
    assert (first["logger"], "timestamp" in first) == ("a.library", True)
    assert second["exception"].endswith("OSError: gone")


def test_the_check_sees_words_that_run_on():
    stream = io.StringIO()
    assert len(said(logging.StreamHandler(stream), stream)) > 2
