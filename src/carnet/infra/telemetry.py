"""Structured logs and metrics. Neither holds a name, an INS, a title or a token: ids and codes only (threats T19).

Paths are logged without their query string: a FHIR search by GET may carry an INS there.
"""

import logging
import os
import sys
from typing import Any, TextIO

import structlog
from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, multiprocess, start_http_server

REQUESTS = Counter("carnet_requests", "Requests answered", ["door", "method", "status"])
DURATION = Histogram(
    "carnet_request_seconds",
    "Time to the last byte",
    ["door"],
    buckets=(0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1, 2, 5, 10),
)
RUNNING = Gauge("carnet_requests_running", "Requests being answered", multiprocess_mode="livesum")
RELAY_REFUSALS = Counter("carnet_mail_relay_refusals", "Letters our own mail relay would not take from us")
JOBS = Counter("carnet_jobs", "Jobs handled", ["task", "outcome"])

_COMMON: Any = (
    structlog.processors.add_log_level,
    structlog.processors.TimeStamper(fmt="iso", utc=True),
    structlog.processors.format_exc_info,
)

log: Any = structlog.get_logger()


def configure_logging(level: str) -> None:
    """Send structured lines to standard error; third-party loggers at warning."""
    number = getattr(logging, level.upper(), logging.INFO)
    logging.basicConfig(handlers=[structured(sys.stderr)], level=logging.WARNING)
    structlog.configure(
        processors=[structlog.contextvars.merge_contextvars, *_COMMON, structlog.processors.JSONRenderer()],
        wrapper_class=structlog.make_filtering_bound_logger(number),
        logger_factory=structlog.PrintLoggerFactory(sys.stderr),
        cache_logger_on_first_use=True,
    )


def structured(stream: TextIO) -> logging.Handler:
    """Return what writes the words of libraries as our own are: one object a line, whatever they contain."""
    handler = logging.StreamHandler(stream)
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            foreign_pre_chain=[structlog.stdlib.add_logger_name, *_COMMON],
            processors=[
                structlog.stdlib.ProcessorFormatter.remove_processors_meta,
                structlog.processors.JSONRenderer(),
            ],
        )
    )
    return handler


def serve_metrics(port: int) -> None:
    """Serve the metrics of every process on 127.0.0.1:`port` (a port of its own, never the public one)."""
    registry = CollectorRegistry()
    if os.environ.get("PROMETHEUS_MULTIPROC_DIR"):
        multiprocess.MultiProcessCollector(registry)  # type: ignore[no-untyped-call]  # the client has no types there
    start_http_server(port, addr="127.0.0.1", registry=registry)
