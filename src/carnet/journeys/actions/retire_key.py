"""An old version of the key-encryption key is forgotten, but only when nothing is wrapped with an old version any more.

Retiring one too early would make unreadable, at once and for good, every space it alone wrapped. So this looks at
every keyset and every key file first, whatever an earlier rotation said. For key files only: a key service has its own
way to disable versions.
"""

from collections.abc import Sequence
from datetime import datetime
from pathlib import Path
from uuid import UUID

from carnet.infra.db import Database, work
from carnet.infra.installation import current
from carnet.infra.vault import FileKek, KeyEncryptionKey
from carnet.infra.vault.key_file import read_key_file
from carnet.journal.api import Act, record
from carnet.kernel.actors import Actor
from carnet.kernel.decisions import Ground, allow
from carnet.kernel.errors import Conflict, Invalid, Problem

BATCH = 1000
STILL_USED = Problem(
    code="key-still-used",
    fr="Des clés sont encore enveloppées par une ancienne version : refaites d'abord la rotation.",
    en="Some keys are still wrapped by an older version: run the rotation again first.",
)
NOT_RETIRABLE = Problem(
    code="key-not-retirable",
    fr="Cette version ne peut pas être retirée : c'est celle en service, ou elle vit dans un service de clés.",
    en="This version cannot be retired: it is the one in use, or it lives in a key service.",
)

# ## Wrapped keysets in order, a page at a time ##
_PAGE = """
SELECT space_id, version, wrapped FROM vault.space_keyset
WHERE wrapped IS NOT NULL AND (space_id, version) > (%(space)s, %(version)s)
ORDER BY space_id, version LIMIT %(limit)s
"""


async def retire_key(*, actor: Actor, key: int, batch: Database, files: Sequence[Path], at: datetime) -> None:
    """Forget version `key` of the key-encryption key file.

    files: every wrapped key file of the house. batch: the database as carnet_batch. Raises Conflict while anything is
    wrapped by an old version, Invalid when `key` is the version in use or no file holds it.
    """
    kek = current().keys.kek
    if not isinstance(kek, FileKek):
        raise Invalid(NOT_RETIRABLE)
    if not all(kek.is_current(read_key_file(path)) for path in files) or not await _all_current(kek, batch, at):
        raise Conflict(STILL_USED)
    try:
        kek.retire(key)
    except ValueError:
        raise Invalid(NOT_RETIRABLE) from None
    async with work(space=None, at=at, database_=batch) as w:
        await record(w, Act.ROTATE_KEYS, allow(Ground.DUTY), actor=actor, details={"retired": f"file:{key:08x}"})


async def _all_current(kek: KeyEncryptionKey, batch: Database, at: datetime) -> bool:
    space, version = UUID(int=0), 0
    while True:
        async with work(space=None, at=at, database_=batch) as w:
            rows = await w.rows(_PAGE, {"space": space, "version": version, "limit": BATCH})
        if not rows:
            return True
        if not all(kek.is_current(bytes(wrapped)) for _, _, wrapped in rows):
            return False
        space, version = rows[-1][0], rows[-1][1]
