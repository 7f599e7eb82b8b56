"""The first visit: three choices, each already answered as the law answers for those who say nothing."""

import msgspec

from carnet.design.language import Language
from carnet.design.parts import Option
from carnet.interfaces.portal.presenters.emergency import EmergencyFacts, Switch, emergency_switches
from carnet.interfaces.portal.presenters.restrictions import default_options
from carnet.interfaces.portal.presenters.topics import topic_options


class WelcomePage(msgspec.Struct, frozen=True, kw_only=True):
    """What `welcome.html` shows."""

    heading: str
    defaults: tuple[Option, ...]
    switches: tuple[Switch, ...]
    topics: tuple[Option, ...]


def present_welcome(
    *,
    language: Language,
    first_name: str,
    masked_by_default: bool,
    emergency: EmergencyFacts,
    topics: tuple[str, ...],
    chosen: frozenset[str],
) -> WelcomePage:
    """Return the page of the first visit."""
    _ = language.gettext
    return WelcomePage(
        heading=_("Bienvenue %(name)s") % {"name": first_name},
        defaults=default_options(language, masked_by_default=masked_by_default),
        switches=emergency_switches(emergency, language),
        topics=topic_options(topics, chosen, language),
    )
