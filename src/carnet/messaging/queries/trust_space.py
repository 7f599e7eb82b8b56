"""Is somebody at this address within reach: at a domain of the trust space, as the directory knows it?"""

from datetime import datetime

from carnet.identity.api import in_trust_space
from carnet.infra.db import system_work
from carnet.infra.installation import current
from carnet.messaging.rules.addresses import read_address


async def reaches_colleague(address: str, *, at: datetime) -> bool:
    """Whether mail for this address is taken: its domain is one of the trust space's. Raises Unavailable.

    Whether somebody has this very mailbox is their operator's to say: none is confirmed here, on the red list or not.
    """
    read = read_address(address)
    if read is None or read.domain == current().limits.mail.domain.lower():
        return False
    async with system_work(at=at) as w:
        return await in_trust_space(w, domain=read.domain)
