"""The door of spaces."""

from carnet.spaces.actions.contact import confirm_email, hold_contact, propose_email, store_contact
from carnet.spaces.actions.open_space import activate_space, open_space
from carnet.spaces.actions.settings import change_settings
from carnet.spaces.actions.welcome import note_welcome
from carnet.spaces.data import Contact, Person, Proposed, SpaceSettings, SpaceView
from carnet.spaces.events import ContactChanged
from carnet.spaces.queries.find import any_space, find_space, find_statement
from carnet.spaces.queries.keys import KEYSET_BESIDE, KEYSET_COLUMNS, keyset_statement, open_keys
from carnet.spaces.queries.person import keys_in, open_contact, open_person, person_statement, to_view, view_in

__all__ = [
    "KEYSET_BESIDE",
    "KEYSET_COLUMNS",
    "Contact",
    "ContactChanged",
    "Person",
    "Proposed",
    "SpaceSettings",
    "SpaceView",
    "activate_space",
    "any_space",
    "change_settings",
    "confirm_email",
    "find_space",
    "find_statement",
    "hold_contact",
    "keys_in",
    "keyset_statement",
    "note_welcome",
    "open_contact",
    "open_keys",
    "open_person",
    "open_space",
    "person_statement",
    "propose_email",
    "store_contact",
    "to_view",
    "view_in",
]
