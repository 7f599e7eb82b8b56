"""The decision is enumerated and compared with an oracle written from the texts; then every line of it is taken out.

A mutant of the rules (one condition dropped, one answer turned) that no case notices would be a rule nobody checks.
"""

import ast
import importlib
import inspect
import sys
import types

import pytest

from carnet.access.api import Need
from carnet.access.rules import decide as rule
from carnet.kernel.decisions import Ground, Obligation
from matrix import oracle
from matrix.cases import AT, MATRIX, actor_of, document_of, every_case, every_finer_case, facts_of
from matrix.the_dead import every_case_of_the_dead, some_cases

# what the rule is asked -> what the oracle says of it
ANSWERS = {
    Need.LIST: oracle.may_know_of_it,
    Need.READ: oracle.may_open_it,
    Need.DEPOSIT: oracle.may_deposit,
    Need.DELETE: oracle.may_take_back,
    Need.REPLACE: oracle.may_take_back,
    Need.MANAGE_ACCESS: oracle.may_manage_access,
    Need.READ_JOURNAL: oracle.may_manage_access,
    Need.OWN_RULES: oracle.may_manage_carers,
    Need.RECORD_CONSENT: oracle.may_record_consent,
    Need.MASK: oracle.may_hide,
    Need.HOLD: oracle.may_hold_or_release,
    Need.RELEASE: oracle.may_hold_or_release,
    Need.BLOCK_OTHERS: oracle.may_block_others,
    Need.BREAK_GLASS: oracle.may_break_the_glass,
    Need.REGULATE: oracle.may_regulate,
    Need.MANAGE_CARERS: oracle.may_manage_carers,
    Need.INVITE_REPRESENTATIVE: oracle.may_invite_a_representative,
    Need.READ_AGENDA: oracle.may_read_the_agenda,
    Need.WRITE_AGENDA: oracle.may_write_in_the_agenda,
    Need.CARRY_OVER: oracle.may_carry_over,
}
ABOUT_A_DOCUMENT = (Need.LIST, Need.READ, Need.DELETE, Need.REPLACE, Need.MASK, Need.HOLD, Need.RELEASE)
GROUNDS = {
    "me": Ground.AUTHORISED_PROFESSIONAL,
    "my house": Ground.AUTHORISED_ORGANISATION,
    "a team": Ground.CARE_TEAM,
    "glass": Ground.BRIS_DE_GLACE,
    "regulation": Ground.CENTRE_15,
    "an heir": Ground.HEIRS_REQUEST,
}


def disagreement(decide, cases, needs=tuple(ANSWERS)):
    """The first case on which rule and oracle differ, or None; an exception is a difference."""
    examined = 0
    for case in cases:
        actor, facts, document = actor_of(case), facts_of(case), document_of(case)

        def asked(need, about, *, _actor=actor, _facts=facts):
            return decide(_actor, need, _facts, matrix=MATRIX, at=AT, document=about)

        for need in needs:
            examined += 1
            given = asked(need, document if need in ABOUT_A_DOCUMENT else None)
            allowed = given.allowed
            if need is Need.MASK:
                allowed = allowed and asked(Need.READ, document).allowed  # as the action does: see it first
            if allowed != ANSWERS[need](case):
                return case, need, given
            if need is Need.READ and given.allowed and (wrong := _said_wrongly(case, given)):
                return case, wrong, given
        if len(needs) > 1 and asked(Need.LIST, None).allowed != oracle.may_look_in(case):
            return case, "the list itself", asked(Need.LIST, None)
        if len(needs) > 1:
            for need in (Need.MASK, Need.DELETE):
                asked(need, None)  # total: every question has an answer
    assert examined, "no case was examined"
    return None


def _said_wrongly(case, given):
    """A permitted reading also says whether the person must hear of it, and on whose agreement it rests."""
    if (Obligation.NOTIFY_FIRST_ACCESS in given.obligations) != oracle.person_must_hear_of_it(case):
        return "must the person hear of it?"
    if (Obligation.BANNER in given.obligations) != oracle.must_say_whose_it_is(case):
        return "must the banner be shown?"
    expected = GROUNDS[oracle.on_what_ground(case)] if case.who == "professional" else Ground.OWN_SPACE
    if case.who in {"representative", "carer"}:
        expected = Ground.REPRESENTED
    return None if given.ground is expected else "on which ground?"


def test_reading_agrees_on_every_case():
    assert disagreement(rule.decide, every_case(), (Need.READ,)) is None


def test_reading_agrees_on_every_finer_case():
    assert disagreement(rule.decide, every_finer_case(), (Need.READ,)) is None


def test_reading_agrees_on_every_case_of_the_dead():
    assert disagreement(rule.decide, every_case_of_the_dead(), (Need.READ,)) is None


def test_everything_agrees_on_a_sample():
    assert disagreement(rule.decide, some_cases(20_000)) is None


def test_the_sample_knows_both_answers_to_every_question():
    cases = some_cases(20_000)
    for need, asked in ANSWERS.items():
        assert {asked(case) for case in cases} == {True, False}, need


def test_a_refusal_always_has_a_reason_and_a_permission_a_ground():
    for case in some_cases(3_000):
        for need in Need:
            given = rule.decide(actor_of(case), need, facts_of(case), matrix=MATRIX, at=AT, document=document_of(case))
            assert (given.reason is None) == given.allowed
            assert (given.ground is None) != given.allowed


# --- mutants ----------------------------------------------------------------------------------------------------------

# in the order they import one another: a mutant of one is seen by those after it
RULES = ("lines", "own_rules", "emergency", "professional", "heirs", "decide")
SOURCES = {name: inspect.getsource(importlib.import_module(f"carnet.access.rules.{name}")) for name in RULES}
# what is dropped -> why that changes no answer
EQUIVALENT = {
    "professional: drop 'actor.rpps is not None' from": "only professionals come here, and they have one",
    "lines: drop 'line.rpps is not None' from": "only professionals come here, and they have one",
    "heirs: drop 'actor.profession is None' from": "for the type checker: no matrix knows None",
    "heirs: drop 'facts.heirs is not None' from facts.heirs is not None and document": "only who has one comes here",
    "professional: drop 'actor.profession is None' from": "for the type checker: no matrix knows None",
}


def sites(tree):
    """The places of a module where a condition stands."""
    return [node for node in ast.walk(tree) if isinstance(node, ast.If | ast.BoolOp | ast.IfExp)]


def mutants():
    """(what is done, module, number of the place, operand) for every `if` and every operand of `and`/`or`, in turn."""
    for name, text in SOURCES.items():
        for index, site in enumerate(sites(ast.parse(text))):
            if isinstance(site, ast.BoolOp):
                for operand, value in enumerate(site.values):
                    yield f"{name}: drop {ast.unparse(value)!r} from {ast.unparse(site)}", name, index, operand
            else:
                yield f"{name}: drop if {ast.unparse(site.test)}", name, index, None


def mutated(name, index, operand):
    """The tree of a module without one `if`, or without one operand."""
    tree = ast.parse(SOURCES[name])
    place = sites(tree)[index]
    if operand is None:
        place.test = ast.Constant(value=False)
    else:
        place.values[operand] = ast.Constant(value=isinstance(place.op, ast.And))
    return ast.fix_missing_locations(tree)


def loaded(name, tree):
    """`decide` with the mutant of one module in the place of that module, for it and for those that import it."""
    before = {one: sys.modules[f"carnet.access.rules.{one}"] for one in RULES}
    try:
        for one in RULES:
            module = types.ModuleType(f"carnet.access.rules.{one}")
            sys.modules[module.__name__] = module
            exec(compile(tree if one == name else ast.parse(SOURCES[one]), f"<{one}>", "exec"), module.__dict__)
        return module.decide
    finally:
        for one, module in before.items():
            sys.modules[f"carnet.access.rules.{one}"] = module


@pytest.mark.parametrize(("done", "name", "place"), [pytest.param(*one[:2], one[2:], id=one[0]) for one in mutants()])
def test_no_condition_can_be_dropped_unnoticed(done, name, place):
    tree = mutated(name, *place)
    if any(done.startswith(one) for one in EQUIVALENT):
        assert disagreement(loaded(name, tree), some_cases(5_000)) is None, "not equivalent any more"
        return
    try:
        found = disagreement(loaded(name, tree), some_cases(12_000))
    except (AttributeError, NameError, TypeError) as error:
        found = error
    assert found is not None, f"nothing noticed: {done}"


def test_no_excuse_outlives_its_condition():
    names = [done for done, *_ in mutants()]
    assert all(any(name.startswith(one) for name in names) for one in EQUIVALENT)
    assert len(names) > 90
