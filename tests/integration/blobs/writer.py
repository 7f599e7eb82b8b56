"""A process that deposits without end, to be killed: prints an id each time a deposit was acknowledged."""

import asyncio
import itertools
import os
import sys
import uuid
from pathlib import Path

from carnet.infra.blobs import LocalBlobs
from carnet.infra.vault import SpaceKeys


async def deposit(store, keys, number):
    for round_ in itertools.count(number):
        blob = uuid.uuid4()
        content = os.urandom(1000 + 40_000 * (round_ % 5))

        async def pieces(content=content):
            for at in range(0, len(content), 30_000):
                yield content[at : at + 30_000]

        await store.put(blob, content if round_ % 2 else pieces(), keys=keys, space_id=uuid.UUID(keys.space_id))
        os.write(1, f"{blob.hex} {len(content)}\n".encode())


async def main(root, keyset, space):
    store = LocalBlobs(Path(root))
    keys = SpaceKeys(bytes.fromhex(keyset), space_id=space)
    os.write(1, b"ready\n")
    await asyncio.gather(*[deposit(store, keys, number) for number in range(6)])


if __name__ == "__main__":
    asyncio.run(main(*sys.argv[1:]))
