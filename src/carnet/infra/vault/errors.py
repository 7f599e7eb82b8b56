"""What can go wrong with keys and sealed data, told without saying what was sealed."""

from carnet.kernel.errors import CarnetError, Problem


class KeyFileUnusable(CarnetError):
    """A key file is missing, readable by others, or not what it should be: Carnet must not start."""


class Unopenable(CarnetError):
    """Sealed bytes do not open: altered, cut, moved from another place, or sealed with a key that is gone."""


def key_file_problem(code: str, *, path: str, fr: str, en: str) -> KeyFileUnusable:
    """Build the refusal for the key file at `path`; the path is named for the operator, never the content."""
    return KeyFileUnusable(Problem(code=code, fr=f"{path} : {fr}", en=f"{path}: {en}"))


def unopenable() -> Unopenable:
    """Build the one answer to every failed opening: which check failed is nobody's business."""
    return Unopenable(
        Problem(
            code="sealed-data-unreadable",
            fr="Une donnée chiffrée ne peut pas être ouverte : elle est altérée ou sa clé n'existe plus.",
            en="Sealed data cannot be opened: it was altered or its key no longer exists.",
        )
    )
