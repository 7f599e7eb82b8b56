"""Which text of the conditions holds: each that was ever shown has its name, and a digest that keeps it what it was.

The words are the portal's (`presenters.terms`); changing one asks for a new name here, and the new text is then shown
to everybody who said yes to another. Source: mes.md §2.2 A4 ("CGU acceptance, re-asked when changed").
"""

from typing import Final

TEXTS: Final = {
    "2026-11": "8b8f75869fae48d7f3e6b585ac429b37a464de8fc186dee79bf0017c725c87b1",
}
"""By name, oldest first: SHA-256 of the French text, a line a condition."""
TERMS: Final = next(reversed(TEXTS))
"""The name of the text in force."""
