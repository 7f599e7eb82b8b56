"""How far others may act for somebody: numbers the law gives and settings may change; what they mean is in `spaces`."""

import msgspec


class FamilyLimits(msgspec.Struct, frozen=True, kw_only=True):
    """Limits of delegations (see `docs/settings.md`).

    carers_of_one, helped_by_one: most carers of a person, most persons of a carer; invitation_days: life of an
    invitation; carer_days: the longest a carer is let in for without being asked again; reminder_days: how long before
    an end both sides are told. discreet_age, looks_only_age: from which birthday (years) a minor's representatives no
    longer see the topics that may be kept apart, no longer change anything; 0: not before majority. majority_age: in
    full years (art. 388 code civil).
    """

    carers_of_one: int = 3
    helped_by_one: int = 5
    invitation_days: int = 30
    carer_days: int = 365
    reminder_days: int = 30
    discreet_age: int = 15
    looks_only_age: int = 16
    majority_age: int = 18
