"""What identity tells the other capabilities: ids and nothing else, for events lie in clear in the queue."""

from uuid import UUID

import msgspec


class CredentialAdded(msgspec.Struct, frozen=True, tag=True):
    """A way of signing in was added to `space`; waits: not usable yet, for it took another proof.

    about: another for each way added: the message that tells of one is not that of another. to: where codes of a
    password of before went, sealed by the house key (`open_destination`); empty for the address notices go to.
    """

    space: UUID
    waits: bool
    about: str = ""
    to: bytes = b""
