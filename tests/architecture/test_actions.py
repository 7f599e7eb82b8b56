"""Every action says who and when by keyword, and leaves a trace.

An action is a public coroutine in a capability's `actions/`. The trace may be written by a helper of the same
capability. A coroutine that is handed an open `Work` first is a step of somebody's act: the time is in the `Work`, and
whoever takes that step must leave the trace.
"""

import ast
from collections.abc import Iterable

import pytest

from architecture.findings import (
    ExaminedNothingError,
    Finding,
    Source,
    dotted,
    functions,
    imported_names,
    problems,
    source,
    sources,
)

TRACES = {
    f"carnet.journal.{door}.{name}"
    for door in ("api", "actions.record")
    for name in ("record", "append", "record_alone", "record_durably", "to_row")
}

# function -> why it leaves no trace of its own. Nothing here touches health content.
UNTRACED: dict[str, str] = {
    "carnet.access.actions.record_guardian.end_guardian": "leaves its own, in the answer that decides it",
    "carnet.messaging.actions.ask_practices.ask_practices": "a step of acts that leave their trace",
    "carnet.messaging.actions.spend_request.hold_quotas": "a step of acts that leave their trace",
    "carnet.messaging.actions.spend_request.spend_requests": "a step of acts that leave their trace",
    "carnet.messaging.actions.set_rules.keep_rules": "a step of acts that leave their trace",
    "carnet.messaging.actions.take_report.take_report": "a step of acts that leave their trace",
    "carnet.messaging.actions.storing.store_message": "a step of acts that leave their trace",
    "carnet.messaging.actions.hide_contacts.hide_contacts": "a step of an act that leaves its trace",
    "carnet.messaging.actions.storing.know_contact": "a step of acts that leave their trace",
    "carnet.messaging.actions.blobs.hold_blobs": "a step of acts that leave their trace",
    "carnet.messaging.actions.blobs.give_up_blobs": "a step of acts that leave their trace",
    "carnet.messaging.actions.accept_mail.accept_mail": "keeps, unread, what a peer handed over; reading it is traced",
    "carnet.messaging.actions.accept_colleague_mail.accept_colleague_mail": "keeps, unread; reading it is traced",
    "carnet.messaging.actions.write_to_colleague.write_to_colleague": "keeps, unread; reading it is traced",
    "carnet.messaging.actions.answer_colleague.answer_colleague": "keeps, unread; reading it is traced",
    "carnet.messaging.actions.hand_on.next_colleague_mail": "what becomes of it is traced when it is known",
    "carnet.messaging.actions.write_to_person.sender_of": "a step of acts whose reading is traced",
    "carnet.messaging.actions.put_off_receipt.put_off_receipt": "the reading it tells of is traced",
    "carnet.messaging.actions.write_to_person.write_to_person": "keeps, unread; reading it is traced",
    "carnet.messaging.actions.accept_mail.spend_budget": "counts what a sender asks for, says nothing of anybody",
    "carnet.messaging.actions.blobs.put_blobs": "bytes nobody can reach before the row that names them, with its trace",
    "carnet.messaging.actions.change_conversation.mark_opened": "the reading it follows has its trace",
    "carnet.messaging.actions.note_saved.note_saved": "the deposit it follows has its trace",
    "carnet.identity.actions.acting.go_into": "going in is traced by its journey; coming home touches nobody's space",
    "carnet.identity.actions.attempts.keep_attempt": "nobody is known yet; the sign-in or its refusal is the trace",
    "carnet.identity.actions.attempts.take_attempt": "nobody is known yet; the sign-in or its refusal is the trace",
    "carnet.identity.actions.tokens.spend_assertion": "the token or the refusal that follows is the trace",
    "carnet.infra.jobs.actions.requeue.requeue": "infra knows no journal; the operator's command records it",
    "carnet.notifications.actions.add_notification.add_notification": "the act it tells of has its own trace",
    "carnet.records.actions.establish.establish": "stores nothing: says what the bytes are before any space is known",
    "carnet.records.actions.carried_candidates.candidates_of": "stores nothing: says what could go in",
    "carnet.messaging.actions.spend_request.uncount_request": "the deletion that takes it back has its trace",
    "carnet.records.actions.note_visit.note_visit": "the list it precedes has its trace",
    "carnet.records.actions.attest.attest": "leaves its own, in the transaction of an act of another capability",
    "carnet.records.actions.attest.note_paper": "an id a paper may be stored under; the paper has its trace",
    "carnet.records.actions.read_text.forget_text": "the deletion it follows has its trace",
    "carnet.records.actions.read_text.read_text": "a machine reads what it was just given and shows it to nobody",
    "carnet.records.actions.read_text.recognise_pages": "a machine reads what it was just given and shows it to nobody",
    "carnet.spaces.actions.death_contests.store_answer": "leaves its own, in a transaction of another capability",
    "carnet.spaces.actions.death_contests.take_back_enrolled": "leaves its own, in a transaction of another capability",
    "carnet.spaces.actions.screen.note_position": "names of ours, and traced before an agent is told of them",
    "carnet.records.actions.mark_read.mark_read": "the reading it follows was journalled before the first byte left",
}
# function -> why it takes no actor: there is none yet
UNSIGNED: dict[str, str] = {
    "carnet.messaging.actions.set_rules.keep_rules": "a step of acts that name their actor",
    "carnet.messaging.actions.accept_colleague_mail.accept_colleague_mail": "keeps what a peer handed over, unread",
    "carnet.messaging.actions.put_off_receipt.put_off_receipt": "the queue's own: nobody asked for it",
    "carnet.messaging.actions.destinations.heard_from": "a step of acts that name their actor",
    "carnet.messaging.actions.destinations.left_alone": "a step of acts that name their actor",
    "carnet.messaging.actions.forget_messages.forget_messages": "a step of acts that name their actor",
    "carnet.messaging.actions.forget_messages.take_back": "a step of an act that names its actor",
    "carnet.messaging.actions.spend_request.uncount_request": "a step of an act that names its actor",
    "carnet.messaging.actions.hand_on.next_colleague_mail": "the queue hands over what somebody sent",
    "carnet.messaging.actions.accept_mail.spend_budget": "a sender's count, before anybody is addressed",
    "carnet.messaging.actions.blobs.give_up_blobs": "a step of acts that name their actor",
    "carnet.messaging.actions.blobs.hold_blobs": "a step of acts that name their actor",
    "carnet.messaging.actions.blobs.put_blobs": "bytes nobody can reach yet",
    "carnet.messaging.actions.draft.drop_draft": "a step of acts that name their actor",
    "carnet.messaging.actions.note_delivery.settle_message": "a step of acts that name their actor",
    "carnet.messaging.actions.hide_contacts.hide_contacts": "a step of an act that names its actor",
    "carnet.messaging.actions.storing.know_contact": "a step of acts that name their actor",
    "carnet.messaging.actions.storing.store_message": "a step of acts that name their actor",
    "carnet.identity.actions.acting.go_into": "the session says whose it is",
    "carnet.identity.actions.attempts.keep_attempt": "before sign-in nobody is acting",
    "carnet.identity.actions.attempts.take_attempt": "before sign-in nobody is acting",
    "carnet.identity.actions.tokens.spend_assertion": "the software is not proved before its assertion is spent",
    "carnet.records.actions.attest.note_paper": "a step of acts that name their actor",
    "carnet.records.actions.read_text.forget_text": "the machinery acts for nobody",
    "carnet.records.actions.read_text.read_text": "the machinery acts for nobody",
    "carnet.records.actions.read_text.recognise_pages": "the machinery acts for nobody",
    "carnet.infra.jobs.actions.requeue.requeue": "infra knows no actor but whoever holds the Work",
}


class Action:
    """A public coroutine of an `actions/` module."""

    def __init__(self, module: str, path: str, node: ast.AsyncFunctionDef) -> None:
        self.name = f"{module}.{node.name}"
        self.where = f"{path}:{node.lineno} {node.name}"
        self.node = node
        first = (node.args.posonlyargs + node.args.args)[:1]
        self.is_step = bool(first) and first[0].annotation is not None and dotted(first[0].annotation) == "Work"


def module_of(one: Source) -> str:
    return one.path.removeprefix("src/").removesuffix(".py").replace("/", ".").removesuffix(".__init__")


def actions(house: Iterable[Source]) -> list[Action]:
    return [
        Action(module_of(one), one.path, node)
        for one in house
        if "/actions/" in one.path and not one.path.startswith("src/carnet/journal/")
        for node in one.tree.body
        if isinstance(node, ast.AsyncFunctionDef) and not node.name.startswith("_")
    ]


def signed(house: Iterable[Source]) -> Iterable[Finding]:
    """`actor` and `at`, keyword-only."""
    for action in actions(house):
        given = {argument.arg for argument in action.node.args.kwonlyargs}
        wanted = ("actor",) if action.is_step else ("actor", "at")
        missing = [name for name in wanted if name not in given]
        problem = f"does not take {' and '.join(missing)} by keyword" if missing else None
        yield Finding(action.where, None if action.name in UNSIGNED else problem)


def traced(house: Iterable[Source]) -> Iterable[Finding]:
    """Reaches `record`, `append` or `record_durably`, directly or through helpers of the same capability."""
    house = list(house)
    uses = {name: used for one in house for name, used in _uses(one).items()}
    for action in actions(house):
        takers = [action.name]
        if action.is_step:
            takers = [name for name, used in uses.items() if action.name in used and "._" not in name]
        left = bool(takers) and all(_reaches(name, uses, _capability(name)) for name in takers)
        problem = "a step nobody leaves a trace for" if action.is_step else "leaves no trace in the journal"
        yield Finding(action.where, None if left or action.name in UNTRACED else problem)


def _capability(name: str) -> str:
    return ".".join(name.split(".")[:2])


def _uses(one: Source) -> dict[str, set[str]]:
    """For each function of a module, the full names it refers to."""
    module = module_of(one)
    names = imported_names(one.tree)
    mine = {node.name: f"{module}.{node.name}" for node in functions(one.tree)}
    known = {**names, **mine}
    found: dict[str, set[str]] = {}
    for function in functions(one.tree):
        used = set()
        for node in ast.walk(function):
            if isinstance(node, ast.Name | ast.Attribute):
                first, _, rest = dotted(node).partition(".")
                if first in known:
                    used.add(f"{known[first]}.{rest}" if rest else known[first])
        found[f"{module}.{function.name}"] = used
    return found


def _reaches(start: str, uses: dict[str, set[str]], capability: str) -> bool:
    seen: set[str] = set()
    waiting = [start]
    while waiting:
        name = waiting.pop()
        if name in TRACES:
            return True
        if name not in seen and name.startswith(f"{capability}."):
            seen.add(name)
            waiting.extend(uses.get(name, ()))
    return False


CHECKS = [signed, traced]


@pytest.mark.parametrize("check", CHECKS)
def test_every_action_keeps_it(check):
    assert problems(check(sources())) == []


@pytest.mark.parametrize("check", CHECKS)
def test_it_fails_on_nothing(check):
    with pytest.raises(ExaminedNothingError):
        problems(check([source("", "src/carnet/records/actions/planted.py")]))


def test_no_exemption_outlives_its_action():
    known = {action.name for action in actions(sources())}
    assert set(UNTRACED) | set(UNSIGNED) <= known


PLACE = "src/carnet/records/actions/planted.py"
HEAD = "from carnet.journal.api import Act, record\nfrom carnet.infra.db import work\n"
BROKEN = [
    (signed, "async def mask(*, actor, space): await record()"),
    (signed, "async def mask(*, space, at): await record()"),
    (signed, "async def mask(actor, space, at): await record()"),
    (traced, "async def mask(*, actor, at):\n    async with work() as w: await w.execute('')"),
    (traced, "async def mask(*, actor, at): await _step()\nasync def _step(): pass"),
    (traced, "async def step(w: Work, *, actor): pass"),
    (traced, "async def step(w: Work, *, actor): pass\nasync def mask(*, actor, at): await step()"),
    (signed, "async def step(w: Work): await record()"),
    (traced, "def record(): pass\nasync def mask(*, actor, at): record()"),
]


@pytest.mark.parametrize(("check", "text"), BROKEN)
def test_a_planted_fault_is_seen(check, text):
    assert problems(check([source(HEAD + text, PLACE)]))


INNOCENT = [
    "async def mask(*, actor, space, at): await record()",
    "async def mask(*, actor, at): await _step()\nasync def _step(): await record()",
    "async def step(w: Work, *, actor): pass\nasync def mask(*, actor, at):\n    await step()\n    await record()",
    "import carnet.journal.api as journal\nasync def mask(*, actor, at): await journal.record()",
]


@pytest.mark.parametrize("text", INNOCENT)
def test_innocent_code_is_left_alone(text):
    assert [fault for check in CHECKS for fault in problems(check([source(HEAD + text, PLACE)]))] == []
