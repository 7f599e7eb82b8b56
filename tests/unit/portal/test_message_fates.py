"""What became of a message, in words: never a code, and to whoever acts for the person never what the person keeps."""

from datetime import UTC, datetime

import pytest

from carnet.design.language import Language
from carnet.interfaces.portal.presenters.message_fates import fates
from carnet.kernel.actors import Actor, ActorKind
from carnet.messaging.api import Address, Delivery

AT = datetime(2026, 11, 20, 9, 30, tzinfo=UTC)
LEA, MAX = Address("lea@mssante.invalid", "Dr Léa"), Address("max@mssante.invalid")


def told(state, note=None, *, kind=ActorKind.PERSON, to=(LEA,), tries=0, not_before=None):
    ways = tuple(
        Delivery(number=1, address=one, state=state, note=note, tries=tries, changed_at=AT, not_before=not_before)
        for one in to
    )
    shown = fates(ways, Actor(kind=kind, identifier="x", name="X"), Language(code="fr"))
    return " | ".join(one.label for one in shown).replace("\N{NO-BREAK SPACE}", " ")


@pytest.mark.parametrize(
    ("state", "note", "words"),
    [
        ("read", None, "Lu"),
        ("delivered", None, "Arrivé"),
        ("sent", None, "Envoyé"),
        ("queued", None, "Envoi en cours"),
        ("failed", "expired", "en deux jours"),
        ("failed", "5.1.1", "n'existe pas ou plus"),
        ("failed", "550", "n'existe pas ou plus"),
        ("failed", "5.2.2", "boîte pleine"),
        ("failed", "552", "trop lourd"),
        ("failed", "554", "a refusé ce message"),
        ("failed", None, "a refusé ce message"),
        ("failed", "kept-block", "vous avez bloqué ce professionnel"),
        ("failed", "kept-document", "supprimé, masqué ou caché"),
    ],
)
def test_each_end_has_its_words_and_no_code(state, note, words):
    said = told(state, note)
    assert words in said
    assert note is None or note not in said


def test_what_waits_says_for_what_and_who_is_named_only_among_several():
    assert "ne l'a pas encore pris" in told("queued", tries=2)
    assert told("queued", not_before=AT) == "Sera remis à l'ouverture : 20 novembre 2026 à 10 h 30"
    assert told("sent", to=(LEA, MAX)) == "Envoyé : Dr Léa | Envoyé : max@mssante.invalid"


@pytest.mark.parametrize("kind", [ActorKind.REPRESENTATIVE, ActorKind.CARER])
def test_who_acts_for_somebody_learns_neither_of_a_block_nor_of_a_document(kind):
    said = {told("failed", f"kept-{how}", kind=kind) for how in ("block", "document")}
    assert said == {"Non envoyé : ce qui peut être partagé a changé depuis"}
