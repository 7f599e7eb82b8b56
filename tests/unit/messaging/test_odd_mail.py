"""Hostile and odd messages: each is delivered right, refused, or set aside with its reason; nothing ever crashes."""

import json
import socket
import subprocess
import sys
import threading
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from carnet.formats import mail, mail_confining, mail_reading, xdm
from carnet.formats.mail import read_mail
from carnet.infra.installation import MailLimits
from carnet.interfaces.mssante import checking
from carnet.interfaces.mssante.checking import Rejected, check_header, check_lines
from carnet.kernel.errors import Invalid, Unavailable
from carnet.messaging.data import Envelope
from carnet.messaging.opening import opened_files
from carnet.messaging.rules.judging import judge, letter_of
from factories.odd_habits import habits, reports, silent_reports
from factories.odd_mail import SENDER, TO, corpus, nested, plain

DOMAIN = "patient.carnet.invalid"
CASES = [*corpus(), *habits()]


def in_this_process(raw):
    """What the confined program does, in this process, where anything it raises is seen: a crash."""
    try:
        found = mail_reading.read(raw)
    except mail_reading.TooComplex:
        raise Invalid(mail.TOO_COMPLEX) from None
    return mail._decoder.decode(json.dumps(found | {"confined": True}).encode())


def fate(raw, *, read=in_this_process):
    """(outcome, reason, letter, files) as the gateway and then the worker decide."""
    try:
        check_lines(raw)
        seen = check_header(raw)
    except Rejected as refused:
        return "refused", refused.reply, None, ()
    try:
        found = read(raw)
        envelope = Envelope(peer="chu", sender=SENDER, recipient=TO, raw=raw)
        sender = judge(envelope, found, domain=DOMAIN)
        files = opened_files(found, limits=MailLimits())
    except Invalid as set_aside:
        return "quarantined", set_aside.problems[0].code, None, ()
    assert sender.address == seen.sender, "two readings of one From"
    return "delivered", "", letter_of(found, sender=sender), files


def test_there_are_enough():
    assert len({one.name for one in CASES}) == len(CASES) >= 430
    assert {one.outcome for one in CASES} == {"refused", "quarantined", "delivered"}


@pytest.mark.parametrize("report", reports(), ids=lambda report: report.name)
def test_reports_of_servers_in_use_are_read_as_reports(report):
    check_lines(report.raw)
    check_header(report.raw)
    found = in_this_process(report.raw)
    assert found.report is not None
    assert found.report.kind == report.kind
    assert report.fields.items() <= found.report.fields.items()
    assert (report.original in found.originals) is bool(report.original)
    assert judge(Envelope(peer="chu", sender="", recipient=TO, raw=report.raw), found, domain=DOMAIN)


@pytest.mark.parametrize(("name", "raw"), silent_reports(), ids=lambda one: one if isinstance(one, str) else "")
def test_a_report_no_program_can_read_is_set_aside_for_the_operator(name, raw):
    found = in_this_process(raw)
    with pytest.raises(Invalid, match="mail-sender"):
        judge(Envelope(peer="chu", sender="", recipient=TO, raw=raw), found, domain=DOMAIN)


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_each_has_its_fate(case):
    outcome, reason, letter, files = fate(case.raw)
    assert outcome == case.outcome, reason
    if case.reason:
        assert reason == case.reason
    if letter is not None:
        assert case.said in (None, letter.text)
        assert case.subject in (None, letter.subject)
        assert case.files in (None, len(files))
        assert all("/" not in one.description.name and "\\" not in one.description.name for one in files)


@pytest.mark.parametrize("name", ["mixed with a file", "uuencoded", "forwarded", "signed", "preamble"])
def test_the_confined_program_reads_alike(name):
    case = next(one for one in CASES if one.name == f"shape {name}")
    assert fate(case.raw, read=read_mail)[2:] == fate(case.raw)[2:]


def test_it_is_confined_where_this_machine_can():
    assert read_mail(plain(b"x\r\n")).confined is (sys.platform == "linux")


def taken_over(deed, *, before=""):
    """How the program ends whose parser does `deed`."""
    sources = str(Path(mail_reading.__file__).parents[2])
    planted = (
        f"import sys, os, _socket; sys.path.insert(0, {sources!r})\n"
        f"from carnet.formats import mail_confining, mail_reading\n"
        f"{before}mail_confining.warm_up()\n"
        f"def read(data):\n"
        f"    {deed}\n"
        f"    return {{}}\n"
        f"mail_reading.read = read\n"
        f"mail_confining.read_one(0)"
    )
    ours, theirs = socket.socketpair()
    with ours:
        with theirs:
            program = subprocess.Popen([sys.executable, "-I", "-S", "-c", planted], stdin=theirs.fileno())
        ours.sendall(b"x")
        ours.shutdown(socket.SHUT_WR)
        program.wait(timeout=30)
    return program.returncode


@pytest.mark.parametrize(
    "deed",
    [
        "open('/etc/hostname').read()",
        "os.fork()",
        "__import__('_socket').socket()",
        "os.execv('/bin/true', ['true'])",
        "os.kill(os.getppid(), 0)",
    ],
)
def test_whoever_takes_the_reader_over_can_do_nothing(deed):
    """A planted fault: the parser does what an attacker would have it do. The kernel ends it."""
    assert taken_over(deed) == -31  # SIGSYS


@pytest.mark.parametrize("limited", [True, False], ids=["limited", "planted fault"])
def test_the_reader_has_so_much_memory_and_no_more(limited):
    more = "" if limited else "mail_confining.MEMORY = 1 << 40; "
    assert (taken_over(f"bytes({mail_confining.MEMORY})", before=more) == 0) is not limited


def test_the_reader_has_so_much_time_and_no_more():
    assert taken_over("[1 for _ in iter(int, 1)]", before="mail_confining.PATIENCE = 1; ") == -14  # SIGALRM


def test_what_takes_too_long_or_fails_is_set_aside(monkeypatch):
    monkeypatch.setattr(mail, "PATIENCE", 0.001)
    with pytest.raises(Invalid):
        read_mail(plain(b"x\r\n" * 1_000_000))


def test_an_answer_far_larger_than_its_message_is_not_taken(monkeypatch):
    """A line of uuencode says how long it is and holds nothing; a planted fault: no limit."""
    more = b"Content-Type: application/octet-stream\r\nContent-Transfer-Encoding: x-uuencode\r\n"
    raw = plain(b"begin 644 a\r\n" + b"M\r\n" * 500_000 + b"end\r\n", more=more)
    with pytest.raises(Invalid, match="mail-too-complex"):
        read_mail(raw)
    monkeypatch.setattr(mail, "MOST_ANSWERED", 1 << 30)
    read_mail(raw)


def test_the_reader_is_warm_and_one_message_is_nothing_to_the_next(monkeypatch):
    """A hundred cost one start; one that fails harms none beside it; a program somebody killed is started again."""
    read_mail(plain(b"x\r\n"))
    program = mail._readers._program.pid
    said: dict[int, object] = {}

    def read(number):
        try:
            said[number] = read_mail(nested(1500) if number % 10 == 0 else plain(b"%d\r\n" % number)).text
        except Invalid as error:
            said[number] = error.problems[0].code

    several = [threading.Thread(target=read, args=(number,)) for number in range(100)]
    for one in several:
        one.start()
    for one in several:
        one.join()
    assert said == {one: "mail-unreadable" if one % 10 == 0 else str(one) for one in range(100)}
    assert mail._readers._program.pid == program
    mail._readers._program.kill()
    mail._readers._program.wait()
    assert read_mail(plain(b"again\r\n")).text == "again"
    with monkeypatch.context() as planted:
        planted.setattr(mail, "_PROGRAM", "raise SystemExit")
        mail._readers.close()
        with pytest.raises(Unavailable):
            read_mail(plain(b"x\r\n"))
    assert read_mail(plain(b"x\r\n")).text == "x"


def test_the_confined_program_loads_nothing_of_the_house():
    sources = str(Path(mail_reading.__file__).parents[2])
    asked = (
        f"import sys; sys.path.insert(0, {sources!r}); import carnet.formats.mail_confining\n"
        f"print(*sorted(one for one in sys.modules if one.startswith('carnet')))"
    )
    done = subprocess.run([sys.executable, "-I", "-S", "-c", asked], capture_output=True, text=True, check=True)
    assert done.stdout.split() == [
        "carnet", "carnet.formats", "carnet.formats.mail_confining", "carnet.formats.mail_reading"]  # fmt: skip


def test_a_depth_the_parser_itself_cannot_take_is_set_aside():
    with pytest.raises(Invalid):
        read_mail(nested(1500))


PLANTED = [
    (checking, "_odd", lambda _: False, "smuggled LF.LF"),
    (checking, "ONCE", (), "two From"),
    (checking, "_MAILBOX", checking.re.compile(rb"(?P<plain>.*?)(?P<angled>claire@[a-z.]*)?.*", checking.re.DOTALL),
     "from two mailboxes"),
    (mail_reading, "MOST_DEPTH", 10_000, "deep nesting"),
    (xdm, "MOST_RATIO", 10_000_000, "zip ratio"),
    (xdm, "_ZIPPED", (), "zip nested"),
    (xdm, "_no_overlap", lambda *_: None, "zip overlapping"),
]  # fmt: skip


@pytest.mark.parametrize(("module", "name", "broken", "seen_by"), PLANTED, ids=[one[3] for one in PLANTED])
def test_a_control_taken_out_is_seen(module, name, broken, seen_by, monkeypatch):
    monkeypatch.setattr(module, name, broken)
    case = next(one for one in CASES if one.name == seen_by)
    try:
        outcome = fate(case.raw)[0]
    except (AssertionError, UnicodeDecodeError):
        outcome = "crash"
    assert outcome != case.outcome


CALM = settings(max_examples=150, deadline=None, suppress_health_check=list(HealthCheck))
PIECES = st.lists(
    st.sampled_from([one.raw for one in CASES if len(one.raw) < 3000]).flatmap(
        lambda raw: st.tuples(st.just(raw), st.integers(0, len(raw)), st.integers(0, len(raw)))
    ),
    min_size=1,
    max_size=4,
)


@CALM
@given(PIECES)
def test_pieces_of_messages_put_together_never_crash_the_reader(pieces):
    raw = b"".join(data[min(one, other) : max(one, other)] for data, one, other in pieces)
    fate(raw)
    fate(plain(b"x\r\n") + raw)


@CALM
@given(st.binary(max_size=400))
def test_any_bytes_are_read_or_set_aside(data):
    fate(data)
    fate(plain(b"", more=b"Content-Type: multipart/mixed; boundary=" + data.hex().encode()[:60] + b"\r\n") + data)
