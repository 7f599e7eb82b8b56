"""A process killed at any moment leaves only whole blobs, and every blob it acknowledged."""

import os
import random
import signal
import subprocess
import sys
import time
import uuid
from pathlib import Path

from carnet.infra.blobs import BlobDamaged, LocalBlobs
from carnet.infra.vault import SpaceKeys, new_space_keyset

WRITER = Path(__file__).with_name("writer.py")
SOURCE = Path(__file__).parents[3] / "src"

# Planted fault: the writer's drafts are made under their final name, as if the rename came first.
EARLY = """
import sys, asyncio
from pathlib import Path
sys.path.insert(0, {folder!r})
import writer
from carnet.infra.blobs import drafts, local

class Early(drafts.Draft):
    def __init__(self, folder, *, disk):
        super().__init__(folder, disk=disk)
        name = self._path.name
        final = folder.parent / name[-1] / name[-2] / name
        disk.rename(self._path, final)
        self._path = final
    def write(self, data):
        import time
        for at in range(0, len(data), 4096):
            super().write(data[at:at + 4096])
            time.sleep(0.002)

local.Draft = Early
asyncio.run(writer.main(*sys.argv[1:]))
"""


def kill_while_writing(program, arguments, *, after):
    """Start the writer, kill it `after` seconds of work, and return what it had acknowledged."""
    process = subprocess.Popen(
        [sys.executable, *program, *arguments], stdout=subprocess.PIPE, env=os.environ | {"PYTHONPATH": str(SOURCE)}
    )
    assert process.stdout.readline() == b"ready\n"
    time.sleep(after)
    process.send_signal(signal.SIGKILL)
    lines = process.communicate()[0].decode().splitlines(keepends=True)
    whole = [line.split() for line in lines if line.endswith("\n")]
    return {uuid.UUID(hex=name): int(size) for name, size in whole}


async def kill_and_look(root, *, rounds, program, seed):
    """Start the writer, kill it at a random moment, several times over; return (lost, damaged, whole)."""
    space, keyset, moments = uuid.uuid4(), new_space_keyset(), random.Random(seed)
    acknowledged = {}
    for _ in range(rounds):
        arguments = [str(root), keyset.hex(), str(space)]
        acknowledged |= kill_while_writing(program, arguments, after=moments.uniform(0.01, 0.25))
    store = LocalBlobs(root)
    keys = SpaceKeys(keyset, space_id=space)
    found = {path.name for path in root.glob("?/?/*")}
    damaged = whole = 0
    for name in found:
        try:
            blob = uuid.UUID(hex=name)
            content = await (await store.open(blob, keys=keys, space_id=space)).read()
        except BlobDamaged:
            damaged += 1
        else:
            whole += 1
            assert acknowledged.get(blob, len(content)) == len(content)
    await store.close()
    return len([blob for blob in acknowledged if blob.hex not in found]), damaged, whole


async def test_killed_at_random_moments_nothing_is_partial_and_nothing_acknowledged_is_lost(tmp_path):
    lost, damaged, whole = await kill_and_look(tmp_path / "blobs", rounds=12, program=[str(WRITER)], seed=2026)
    assert (lost, damaged) == (0, 0)
    assert whole > 50


async def test_the_check_sees_a_rename_that_comes_first(tmp_path):
    program = tmp_path / "early.py"
    program.write_text(EARLY.format(folder=str(WRITER.parent)))
    _, damaged, _ = await kill_and_look(tmp_path / "blobs", rounds=3, program=[str(program)], seed=1)
    assert damaged > 0
