"""What every checker of the journal says when something is not as it should be."""

import msgspec


class Finding(msgspec.Struct, frozen=True):
    """Something that should not be. kind: a word from docs/journal-format.md §8; where: ids and numbers only."""

    kind: str
    where: str
