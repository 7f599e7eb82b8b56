"""The copy a person takes away holds everything of them (art. 15 and 20 GDPR): no table is forgotten.

Every table of a space is in the copy, or says here why it is not. `tests/integration/upkeep/test_export.py` opens one.
"""

import re
from pathlib import Path

SCHEMA = Path("docs/schema.md")
IN_THE_COPY = {
    "access_dispute": "donnees/espace.json",
    "access_restriction": "donnees/espace.json",
    "agenda_entry": "agenda/",
    "attending_doctor": "donnees/espace.json",
    "authorisation": "donnees/espace.json",
    "authz": "donnees/espace.json",
    "care_team": "donnees/espace.json",
    "care_team_member": "donnees/espace.json",
    "conversation": "messages/",
    "delegation": "donnees/espace.json",
    "document": "documents/",
    "emergency_access": "donnees/espace.json",
    "journal_entry": "journal/journal.json",
    "journal_head": "journal/journal.json",
    "journal_leaf": "journal/journal.json",
    "mail_contact": "messages/",
    "message": "messages/",
    "message_attachment": "messages/",
    "notification": "donnees/avis.json",
    "outgoing_mail": "messages/",
    "safeguarded_document": "donnees/espace.json",
    "space": "donnees/espace.json",
    "space_ending": "donnees/espace.json",
}
NOT_IN_THE_COPY = {
    "authorisation_use": "the journal says who came, and when",
    "consent_code": "a secret of minutes",
    "data_export": "the copies themselves; the journal says when they were asked for",
    "document_hold": "what waits to be explained is not told of before its day",
    "document_reading": "the journal says what the person opened",
    "document_text": "computed from the documents, which are there",
    "heirs_reading": "of the dead: nobody takes a copy of their space",
    "incoming_mail": "mail nobody has read or judged yet; a message once it is one",
    "journal_pending": "seconds of the journal",
    "practice_request": "a count; what was asked is in the messages",
    "professional_visit": "the journal says it",
    "screen_share": "a quarter of an hour with the desk; the journal says it",
    "submission_item": "how documents came is in each document's own description",
    "submission_set": "how documents came is in each document's own description",
    "vault.space_keyset": "keys",
}


def bound_tables(page: str) -> set[str]:
    """Return the tables of a space, as the generated page lists them."""
    section = page.partition("## Belonging to one space")[2].partition("\n## ")[0]
    return {name.removeprefix("carnet.") for name in re.findall(r"^\| `([a-z_.]+)` \|", section, re.MULTILINE)}


def forgotten(page: str) -> set[str]:
    """Return the tables nobody decided about."""
    return bound_tables(page) - IN_THE_COPY.keys() - NOT_IN_THE_COPY.keys()


def test_every_table_of_a_space_is_in_the_copy_or_says_why_not():
    page = SCHEMA.read_text()
    assert forgotten(page) == set()
    assert not (IN_THE_COPY.keys() | NOT_IN_THE_COPY.keys()) - bound_tables(page), "a table that is gone"
    assert not IN_THE_COPY.keys() & NOT_IN_THE_COPY.keys()


def test_a_new_table_is_noticed():
    page = SCHEMA.read_text().replace(
        "| `carnet.access_dispute`", "| `carnet.planted` | x |\n| `carnet.access_dispute`"
    )
    assert forgotten(page) == {"planted"}
