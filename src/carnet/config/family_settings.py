"""The settings of families and carers. Bounded, each with its default (`FamilyLimits`)."""

from carnet.config.access_settings import Bounded
from carnet.kernel.family_limits import FamilyLimits


class OfFamilies(Bounded, frozen=True):
    """One whole number of `FamilyLimits`."""

    @property
    def default(self) -> str:
        """As `FamilyLimits` has it."""
        return str(getattr(FamilyLimits(), self.field))


# fmt: off - one line a setting: a table reads as a table
FAMILIES: tuple[OfFamilies, ...] = (
    OfFamilies("CARNET_CARERS_OF_ONE", "carers_of_one", 0, 20, "Most carers of a person."),
    OfFamilies("CARNET_HELPED_BY_ONE", "helped_by_one", 0, 50, "Most persons of a carer."),
    OfFamilies("CARNET_INVITATION_DAYS", "invitation_days", 1, 365, "Life of an invitation."),
    OfFamilies("CARNET_CARER_DAYS", "carer_days", 1, 1826, "Longest a carer is let in at once."),
    OfFamilies("CARNET_REMINDER_DAYS", "reminder_days", 1, 180, "How long before its end one is told."),
    OfFamilies(
        "CARNET_DISCREET_AGE",
        "discreet_age",
        0,
        18,
        "From this age sensitive topics are theirs; 0: at majority.",
    ),
    OfFamilies(
        "CARNET_LOOKS_ONLY_AGE",
        "looks_only_age",
        0,
        18,
        "From this age representatives only look; 0: never.",
    ),
    OfFamilies("CARNET_MAJORITY_AGE", "majority_age", 16, 21, "Majority, at midnight in Paris (art. 388 code civil)."),
)
# fmt: on


def family_limits(found: dict[str, object]) -> FamilyLimits:
    """Take the values of these settings out of `found` and return them as the installation wants them."""
    return FamilyLimits(**{one.field: found.pop(one.field) for one in FAMILIES})  # type: ignore[arg-type] # whole numbers, as read
