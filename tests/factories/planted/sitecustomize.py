"""Faults on purpose: the interpreter of a served house runs this first, and one control of the product is taken out.

Only for tests that must be seen to turn red. `PLANTED_FAULT` names a function below; without it nothing happens. Each
one breaks a promise the way a hurried change would break it.
"""

import asyncio
import os
import threading


def journal_after_content():
    """The trace is written, but nobody waits for it: content may leave first (DESIGN promise 1)."""
    from carnet.journal.actions import record
    from carnet.records.queries import reading

    durably = record.record_durably
    pending = set()

    async def later(trace):
        async def write():
            await asyncio.sleep(0.3)
            await durably(trace)

        task = asyncio.get_running_loop().create_task(write())
        pending.add(task)
        task.add_done_callback(pending.discard)

    reading.record_durably = later


def blob_after_row():
    """The bytes are written in the background while the row commits (DESIGN promise 2)."""
    from carnet.infra.blobs.local import LocalBlobs

    put_now = LocalBlobs._put_whole

    def put_later(self, target, content, seal):
        threading.Timer(0.3, put_now, (self, target, content, seal)).start()
        from carnet.infra.blobs.store import SealedBlob

        return SealedBlob(size=len(content), sealed_size=0, sha256=b"")

    LocalBlobs._put_whole = put_later


def acknowledged_too_early():
    """The gateway says 250 to messages of odd number and keeps them a minute later (DESIGN promise 2)."""
    import re

    from carnet.interfaces.mssante import gateway

    keep, odd, pending = gateway.accept_mail, re.compile(rb"^Message-ID: <\d*[13579]-", re.MULTILINE), set()

    async def accept_mail(*, envelope, **mail):
        async def later():
            await asyncio.sleep(60)
            await keep(envelope=envelope, **mail)

        if odd.search(envelope.raw):
            task = asyncio.get_running_loop().create_task(later())
            pending.add(task)
            task.add_done_callback(pending.discard)
        else:
            await keep(envelope=envelope, **mail)

    gateway.accept_mail = accept_mail


def drafts_left():
    """A deposit that fails leaves its temporary file."""
    from carnet.infra.blobs.drafts import Draft

    Draft.discard = lambda _self: None


def full_when_told():
    """Not a fault of the product: the disk says it is full while a file `disk-is-full` lies in the house."""
    import errno
    from pathlib import Path

    from carnet.infra.disk import Disk

    write, sign = Disk.write, Path(os.environ["CARNET_HOME"]) / "disk-is-full"

    def write_unless_full(self, descriptor, data):
        if sign.exists():
            raise OSError(errno.ENOSPC, "full")
        return write(self, descriptor, data)

    Disk.write = write_unless_full


def full_when_told_and_drafts_left():
    """The same, and a deposit that fails leaves its temporary file."""
    full_when_told()
    drafts_left()


def patient_pool():
    """Whoever finds no free connection waits for one, for as long as it takes."""
    from carnet.infra.db import database

    class Patient(database._LastUsedFirst):
        def __init__(self, *args, **kwargs):
            super().__init__(*args, **(kwargs | {"timeout": 30.0, "max_waiting": 0}))

    database._LastUsedFirst = Patient


def raw_errors():
    """What the database driver raises is not turned into a refusal."""
    import contextlib

    from carnet.infra.db import database

    @contextlib.asynccontextmanager
    async def connection(self):
        async with self._pool.connection() as conn:
            yield conn

    database.Database.connection = connection


def endless_patience():
    """Slow clients may take all the time in the world."""
    from carnet.config import serve

    settings = serve.HTTP1Settings
    serve.HTTP1Settings = lambda **given: settings(**(given | {"header_read_timeout": 600_000}))
    _limits(receive_seconds=600.0, body_seconds=600.0, send_seconds=600.0)


def impatient():
    """Not a fault: the same limits, short enough for a test to wait for them."""
    _limits(receive_seconds=4.0, body_seconds=3.0, send_seconds=1.0, at_once=4)


def impatient_store():
    """Not a fault: the object store is given less time, so that a test need not wait half a minute."""
    from carnet.config import connect

    settings = connect.S3Settings
    connect.S3Settings = lambda **given: settings(**given, request_seconds=3.0, retry_seconds=1.0)


def _limits(**changes):
    import msgspec

    from carnet.config import application

    limits_of = application.limits_of
    application.limits_of = lambda settings: msgspec.structs.replace(limits_of(settings), **changes)


def few_connections():
    """Connections count as work: a few hundred idle ones are too many."""
    from carnet.config import serve

    serve.CONNECTIONS = 256


def trusting_ids():
    """The id in an address is taken for one of ours."""
    import uuid

    from carnet.interfaces.fhir.interactions import read_document

    read_document.parse_routable = lambda text: (uuid.UUID(hex=text[:32]), uuid.UUID(hex=text[32:]))


def remembered_rights():
    """What was read to decide is remembered for 50 ms, as a cache without an owner would."""
    import time

    from carnet.records.queries import reading

    look, known = reading.look, {}

    async def remembered(*, actor, space, at, statements):
        key = (actor.identifier, actor.client_id, space, str(statements[0].params["document"]))
        if key not in known or known[key][0] < time.monotonic():
            known[key] = (time.monotonic() + 0.05, await look(actor=actor, space=space, at=at, statements=statements))
        return known[key][1]

    reading.look = remembered


def talkative_log():
    """The request line is logged as it came, with its query."""
    from carnet.infra.telemetry import log
    from carnet.infra.web.envelope import _Exchange

    note = _Exchange._note

    def tell(self):
        note(self)
        log.info("address", path=self.path, query=self.scope.get("query_string", b"").decode())

    _Exchange._note = tell


def echoing_errors():
    """A refusal repeats what was sent, to be helpful."""
    from carnet.interfaces.fhir import json_input

    parse = json_input.parse

    def echo(body):
        try:
            return parse(body)
        except Exception as error:
            from carnet.interfaces.fhir.errors import malformed

            raise malformed("json", body.decode(errors="replace"), body.decode(errors="replace")) from error

    json_input.parse = echo
    from carnet.interfaces.fhir.interactions import simplified_publish

    simplified_publish.parse = echo


def talkative():
    """Both of these."""
    talkative_log()
    echoing_errors()


def no_drain():
    """A stop drops what was accepted."""
    import signal

    from granian.server import mp

    def at_once(self):
        if self.inner.pid:
            os.kill(self.inner.pid, signal.SIGKILL)

    mp.WorkerProcess.terminate = at_once


_fault = os.environ.get("PLANTED_FAULT")
if _fault:
    globals()[_fault]()
