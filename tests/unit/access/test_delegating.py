"""How long and how far a carer may be let in: to the moment, to the day, to the category."""

import datetime as dt

import pytest

from carnet.access.rules.delegating import (
    AGENDA_ONLY,
    BAD_END,
    CATEGORY_MOST,
    PARENTS,
    PURPOSES,
    TWO_PARENTS,
    UNKNOWN_PURPOSE,
    Wanted,
    check_wanted,
)
from carnet.kernel.errors import Invalid
from carnet.kernel.family_limits import FamilyLimits

AT = dt.datetime(2026, 11, 21, 9, 0, tzinfo=dt.UTC)
DAY, MOMENT = dt.timedelta(days=1), dt.timedelta(microseconds=1)
LIMITS = FamilyLimits(carer_days=100)


def refusal(**wanted):
    """What is said against it, None when nothing is."""
    try:
        check_wanted(Wanted(**{"starts_at": AT, "ends_at": AT + DAY} | wanted), limits=LIMITS, at=AT)
    except Invalid as error:
        (problem,) = error.problems
        return problem
    return None


@pytest.mark.parametrize(
    ("starts_at", "ends_at", "accepted"),
    [
        (AT, AT + MOMENT, True),
        (AT, AT, False),
        (AT - DAY, AT - MOMENT, False),
        (AT + DAY, AT + DAY, False),
        (AT + DAY, AT + DAY + MOMENT, True),
        (AT, AT + 101 * DAY, True),  # the last day is theirs to its end
        (AT, AT + 101 * DAY + MOMENT, False),
        (AT + 50 * DAY, AT + 101 * DAY + MOMENT, False),  # counted from today: nobody is let in for later years
    ],
)
def test_a_help_ends_after_it_began_and_no_later_than_the_settings_let_it(starts_at, ends_at, accepted):
    assert refusal(starts_at=starts_at, ends_at=ends_at) is (None if accepted else BAD_END)


def test_what_it_is_for_is_one_of_the_ready_made_reasons_or_unsaid():
    assert {refusal(purpose=one) for one in ("", *PURPOSES)} == {None}
    assert refusal(purpose="curiosity") is UNKNOWN_PURPOSE


def test_ready_made_reasons_last_whole_weeks_or_the_year_that_is_the_most():
    assert list(PURPOSES.values()) == sorted(PURPOSES.values())
    *short, longest = PURPOSES.values()
    assert longest == FamilyLimits().carer_days
    assert [days // 7 for days in short] == [2, 6]
    assert not [days for days in short if days % 7]


def test_categories_left_out_are_few_and_written_as_categories_are():
    most = tuple(f"CATEGORY_{number}" for number in range(20))
    assert refusal(withheld=most) is None
    assert refusal(withheld=(*most, "ONE_MORE")) is UNKNOWN_PURPOSE
    assert refusal(withheld=("BIOLOGIE", "a sentence")) is UNKNOWN_PURPOSE
    assert len(most) == CATEGORY_MOST


def test_messages_are_not_shared_unless_the_person_says_so():
    assert Wanted(starts_at=AT, ends_at=AT + DAY).messages is False


def test_the_number_of_parents_is_the_one_people_are_told():
    assert (PARENTS, TWO_PARENTS.fr.split()[0], TWO_PARENTS.en.split()[0]) == (2, "Deux", "Two")


@pytest.mark.parametrize("messages", [False, True])
@pytest.mark.parametrize("agenda", [False, True])
@pytest.mark.parametrize("documents", [False, True])
def test_whoever_sees_no_document_sees_the_agenda_and_no_message(documents, agenda, messages):
    accepted = documents or (agenda and not messages)
    found = refusal(documents=documents, agenda=agenda, messages=messages)
    assert found is (None if accepted else AGENDA_ONLY)
    assert (refusal(documents=documents, messages=messages) is None) is documents, "no agenda unless asked for"
