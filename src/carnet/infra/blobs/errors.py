"""What can go wrong with stored content. Neither of these is `NotFound`: a row promised the content was there."""

import errno

from carnet.kernel.errors import CarnetError, Problem, Unavailable

_FULL = (errno.ENOSPC, errno.EDQUOT)


class BlobMissing(CarnetError):
    """The store has no such blob, although its caller was told so by a row: the operator must look."""


class BlobDamaged(CarnetError):
    """The blob is not what was sealed: altered, cut, lengthened, reordered, or another document's."""


class BlobExists(CarnetError):
    """A blob with this id is stored already; nothing was written."""


def missing() -> BlobMissing:
    return BlobMissing(
        Problem(code="blob-missing", fr="Le contenu est introuvable.", en="The content cannot be found.")
    )


def damaged() -> BlobDamaged:
    return BlobDamaged(
        Problem(
            code="blob-damaged",
            fr="Le contenu enregistré est endommagé et n'a pas été affiché.",
            en="The stored content is damaged and was not shown.",
        )
    )


def exists() -> BlobExists:
    return BlobExists(
        Problem(code="blob-exists", fr="Ce contenu est déjà enregistré.", en="This content is already stored.")
    )


def unavailable(problem: OSError | None = None) -> Unavailable:
    """Build the refusal for a store that cannot serve; says so when the reason is a full disk."""
    if problem is not None and problem.errno in _FULL:
        return Unavailable(
            Problem(
                code="storage-full",
                fr="L'espace de stockage est plein : rien n'a été enregistré. Réessayez plus tard.",
                en="Storage is full: nothing was stored. Try again later.",
            )
        )
    return Unavailable(
        Problem(
            code="storage-unavailable",
            fr="Le stockage ne répond pas : rien n'a été enregistré. Réessayez plus tard.",
            en="Storage does not answer: nothing was stored. Try again later.",
        )
    )


def unfit() -> Unavailable:
    """Build the refusal of a store that once failed to make bytes durable and no longer trusts its disk."""
    return Unavailable(
        Problem(
            code="storage-unfit",
            fr="Le stockage a signalé une erreur d'écriture et n'accepte plus de dépôt avant d'être contrôlé.",
            en="Storage reported a write failure and takes no deposit until it has been checked.",
        )
    )
