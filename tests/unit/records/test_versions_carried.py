"""Versions of an earlier record: one document said twice, in two submission sets, is one document."""

from carnet.records.rules.versions_carried import REPLACED_BY_REFUSED, Link, in_order

MASKED = frozenset({"MASQUE_PS"})
OLD = Link(unique_id="old", status="Deprecated")
NEW = Link(unique_id="new", replaces="old", codes=MASKED)


def test_an_old_version_said_twice_is_hidden_by_what_hides_its_successor():
    going, refused = in_order([OLD, NEW, OLD])
    assert not refused
    assert [(one.place, one.codes, one.versioned) for one in going] == [
        (0, MASKED, True),
        (2, MASKED, True),
        (1, MASKED, True),
    ]


def test_neither_of_two_stands_as_current_when_its_successor_cannot_come():
    lost = Link(unique_id="new", replaces="old", refused=True)
    going, refused = in_order([Link(unique_id="old"), lost, Link(unique_id="old")])
    assert (going, refused) == ((), {0: REPLACED_BY_REFUSED, 2: REPLACED_BY_REFUSED})


def test_a_successor_said_twice_of_which_one_can_come_has_come():
    lost = Link(unique_id="new", refused=True)
    going, refused = in_order([OLD, NEW, lost])
    assert ([one.place for one in going], refused) == ([0, 1], {})


def test_a_document_alone_said_twice_has_no_versions():
    going, refused = in_order([Link(unique_id="one"), Link(unique_id="one")])
    assert ([one.versioned for one in going], refused) == ([False, False], {})
