"""The sealed contact of a space, held still while somebody decides about it, and put back."""

import msgspec

from carnet.infra.db import Work
from carnet.spaces.data import Contact
from carnet.spaces.queries.person import keys_in, open_contact

# ## The sealed contact of the space, held until the end of the transaction ##
_HELD = "SELECT contact_enc FROM space WHERE space_id = %s FOR UPDATE"
_STORE = "UPDATE space SET contact_enc = %s WHERE space_id = %s"


async def hold_contact(w: Work) -> Contact:
    """Return the contact of the transaction's space, nobody else changing it meanwhile."""
    row = await w.row(_HELD, (w.space_id,))
    return open_contact(row[0] if row else None, keys=await keys_in(w), space=w.space_id)


async def store_contact(w: Work, contact: Contact) -> None:
    """Seal and store the contact of the transaction's space."""
    keys = await keys_in(w)
    sealed = keys.seal(table="space", column="contact_enc", row=w.space_id, plaintext=msgspec.json.encode(contact))
    await w.execute(_STORE, (sealed, w.space_id))
