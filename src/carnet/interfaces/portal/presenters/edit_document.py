"""Adding, changing and deleting one's own documents.

The rules (title characters, sizes, formats) belong to the records capability; its problems come back as form errors.
"""

from collections.abc import Sequence
from datetime import date

import msgspec

from carnet.design.language import Language
from carnet.design.parts import Action, ConfirmPage, Form, Option
from carnet.design.shell import Crumb, FieldError
from carnet.design.vocabulary import category
from carnet.interfaces.portal.presenters.facts import DocumentFacts
from carnet.kernel.errors import Problem

OWN_CATEGORIES = (
    "ORD_SOIN",
    "BIOLOGIE",
    "RADIO_SC",
    "CPT_REND",
    "DEPISTAG",
    "CERT_MED",
    "DOC_ADM",
    "DIR_ANT",
    "SYNTHESE",
    "AUTR_DOC",
)
ACCEPT = ".pdf,.txt,.rtf,.jpg,.jpeg,.png,.tif,.tiff"
TITLE_LENGTH = 50


class DocumentFormPage(msgspec.Struct, frozen=True, kw_only=True):
    """What `document_form.html` shows; `upload` is False when only the description is changed."""

    heading: str
    lead: str
    crumbs: tuple[Crumb, ...]
    form: Form
    address: str
    upload: bool
    accept: str
    file_hint: str
    title_length: int
    categories: tuple[Option, ...]
    latest: str
    submit: str
    cancel: str


def form_errors(problems: Sequence[Problem], language: Language) -> tuple[FieldError, ...]:
    """The domain's problems as errors of the form; one without a field points at the first field."""
    return tuple(FieldError(problem.path or "titre", problem.text(language.code)) for problem in problems)


def present_new_document(*, language: Language, form: Form, today: date, max_bytes: int) -> DocumentFormPage:
    """The page to add a document. max_bytes: the limit for all files together."""
    _ = language.gettext
    return DocumentFormPage(
        heading=_("Ajouter un document"),
        lead=_("Une photo ou un fichier suffit. Il rejoint vos documents et reste le vôtre."),
        crumbs=(Crumb(_("Documents"), "/documents"),),
        form=form,
        address="/documents/ajouter",
        upload=True,
        accept=ACCEPT,
        file_hint=_(
            "PDF, photo (JPEG, PNG, TIFF) ou texte, %(size)s au plus. Plusieurs photos deviennent un seul document."
        )
        % {"size": language.size(max_bytes)},
        title_length=TITLE_LENGTH,
        categories=_categories(form, language),
        latest=today.isoformat(),
        submit=_("Ajouter ce document"),
        cancel="/documents",
    )


def present_document_form(*, language: Language, document: DocumentFacts, form: Form, today: date) -> DocumentFormPage:
    """The page to change the description of one's own document."""
    _ = language.gettext
    return DocumentFormPage(
        heading=_("Modifier ce document"),
        lead=_("Vous changez sa description. Le fichier reste le même."),
        crumbs=(Crumb(document.title, f"/documents/{document.id}"),),
        form=form,
        address=f"/documents/{document.id}/modifier",
        upload=False,
        accept=ACCEPT,
        file_hint="",
        title_length=TITLE_LENGTH,
        categories=_categories(form, language),
        latest=today.isoformat(),
        submit=_("Enregistrer"),
        cancel=f"/documents/{document.id}",
    )


def present_deletion(*, language: Language, document: DocumentFacts) -> ConfirmPage:
    """The question before one's own document is deleted."""
    _ = language.gettext
    address = f"/documents/{document.id}"
    return ConfirmPage(
        heading=_("Supprimer ce document ?"),
        lead=_("« %(title)s »") % {"title": document.title},
        consequences=(
            _("Le document disparaît de votre espace, pour vous et pour les professionnels."),
            _("La suppression est définitive : gardez-en une copie si vous en avez besoin."),
            _("Votre journal garde la trace de cette suppression, sans le titre."),
        ),
        confirm=Action(_("Supprimer définitivement"), f"{address}/supprimer", "trash", "danger", post=True),
        cancel=Action(_("Garder ce document"), address),
        crumbs=(Crumb(document.title, address),),
    )


def _categories(form: Form, language: Language) -> tuple[Option, ...]:
    chosen = form.value("categorie")
    return tuple(Option(code, language.gettext(category(code).label), code == chosen) for code in OWN_CATEGORIES)
