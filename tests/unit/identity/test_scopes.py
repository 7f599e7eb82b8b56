"""Scopes: granted is what was requested and registered, never more."""

import itertools

import pytest
from hypothesis import given
from hypothesis import strategies as st

from carnet.identity.scopes import LETTERS, ScopeContext, grant, parse_scope, scope_allows

RESOURCES = ("*", "DocumentReference", "Binary", "Patient")
PERMISSIONS = ["".join(letters) for size in range(1, 6) for letters in itertools.combinations(LETTERS, size)]
scopes = st.builds(
    "{}/{}.{}".format, st.sampled_from(ScopeContext), st.sampled_from(RESOURCES), st.sampled_from(PERMISSIONS)
)


@pytest.mark.parametrize(
    ("text", "canonical"),
    [
        ("system/DocumentReference.rs", "system/DocumentReference.rs"),
        ("user/*.cruds", "user/*.cruds"),
        ("system/Patient.read", "system/Patient.rs"),
        ("system/Patient.write", "system/Patient.cud"),
        ("system/Patient.*", "system/Patient.cruds"),
    ],
)
def test_scopes_are_read(text, canonical):
    assert str(parse_scope(text)) == canonical


@pytest.mark.parametrize(
    "text",
    [
        "", "openid", "patient/Patient.rs", "system/Patient.", "system/Patient.sr", "system/Patient.rr",
        "system/Patient.x", "system/patient.rs", "system/.rs", "system/Patient.rs?category=x", "SYSTEM/Patient.rs",
        "system/Patient.rs ", "launch", "offline_access", "system/Patient/1.rs", "system/**.rs",
    ],
)  # fmt: skip
def test_what_is_no_scope_of_ours_is_not_understood(text):
    assert parse_scope(text) is None


@given(
    requested=st.lists(scopes, max_size=4),
    registered=st.lists(scopes, max_size=4),
    context=st.sampled_from(ScopeContext),
)
def test_granted_is_exactly_requested_and_registered(requested, registered, context):
    granted = grant(requested=requested, registered=registered, context=context)

    def allowed(among, resource, letter):
        mine = [text for text in among if text.startswith(context + "/")]
        return scope_allows(mine, resource=resource, letter=letter)

    for resource in (*RESOURCES[1:], "Observation"):
        for letter in LETTERS:
            both = allowed(requested, resource, letter) and allowed(registered, resource, letter)
            assert scope_allows(granted, resource=resource, letter=letter) == both


def test_asking_for_nothing_in_particular_gives_what_is_registered():
    registered = ("system/Binary.r", "user/Patient.rs", "launch")
    assert grant(requested=None, registered=registered, context=ScopeContext.SYSTEM) == {"system/Binary.r"}
    assert grant(requested=[], registered=registered, context=ScopeContext.SYSTEM) == frozenset()
