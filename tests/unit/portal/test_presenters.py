"""What the portal's pages decide to show."""

from datetime import timedelta

import pytest

from carnet.design.language import Language
from carnet.design.parts import Form, page_links
from carnet.interfaces.portal.presenters.access import present_access, present_directory
from carnet.interfaces.portal.presenters.activity import group_days
from carnet.interfaces.portal.presenters.document import PreviewFacts, present_document
from carnet.interfaces.portal.presenters.documents import DocumentListFacts, DocumentQuery, present_documents
from carnet.interfaces.portal.presenters.errors import present_error
from carnet.interfaces.portal.presenters.facts import TraceFacts
from carnet.interfaces.portal.presenters.notifications import present_notifications
from carnet.interfaces.portal.presenters.sentences import NEVER_IN_A_SPACE, SENTENCES, sentence
from carnet.journal.api import Act
from journeys.gallery import people as p

FR = Language(code="fr")


def found(**more):
    facts = {"documents": p.DOCUMENTS, "total": 42, "pages": 5, "counts": p.COUNTS, "now": p.NOW} | more
    return DocumentListFacts(**facts)


def test_a_change_of_filter_returns_to_the_first_page_and_keeps_the_rest():
    query = DocumentQuery(category="BIOLOGIE", words="sang", page=4)
    assert query.address(unread=True) == "/documents?categorie=BIOLOGIE&non_lus=1&q=sang"
    assert query.address(page=5) == "/documents?categorie=BIOLOGIE&q=sang&page=5"


def test_empty_categories_are_not_offered_but_the_chosen_one_stays():
    page = present_documents(
        language=FR, facts=found(counts={"BIOLOGIE": 2, "CERT_MED": 0}), query=DocumentQuery(category="DOC_ADM")
    )
    assert [chip.count for chip in page.categories] == [2, 2, 0]
    assert [chip.current for chip in page.categories] == [False, False, True]


def test_an_unknown_category_shows_as_another_document_rather_than_failing():
    page = present_documents(language=FR, facts=found(counts={"TOUT_NEUF": 1}), query=DocumentQuery())
    assert page.categories[1].label == "Autres documents"


def test_documents_are_grouped_by_month_unless_sorted_by_title():
    by_date = present_documents(language=FR, facts=found(), query=DocumentQuery())
    assert [group.label for group in by_date.groups][:2] == ["novembre 2026", "octobre 2026"]
    by_title = present_documents(language=FR, facts=found(), query=DocumentQuery(sort="titre"))
    assert [group.label for group in by_title.groups] == [""]


def test_only_my_own_document_can_be_edited_or_deleted():
    def page(number):
        return present_document(
            language=FR, facts=p.detail(p.DOCUMENTS[number], PreviewFacts(kind="none", why="format"))
        )

    assert page(0).manage == ()
    assert [action.href for action in page(4).manage] == ["/documents/doc-5/modifier", "/documents/doc-5/supprimer"]


def test_a_masked_document_offers_to_be_revealed_and_says_who_sees_it():
    page = present_document(
        language=FR, facts=p.detail(p.DOCUMENTS[5], PreviewFacts(kind="none", why="format"), readers=())
    )
    assert page.change_visibility.href == "/documents/doc-6/montrer"
    assert page.change_visibility.post
    assert "masqué" in page.visibility


@pytest.mark.parametrize("act", [*SENTENCES, "an_act_of_tomorrow"])
@pytest.mark.parametrize("by", ["me", "professional", "support", "system", "software"])
@pytest.mark.parametrize("refused", [False, True])
@pytest.mark.parametrize("code", ["fr", "en"])
def test_every_act_by_anyone_is_a_whole_sentence(act, by, refused, code):
    text = sentence(TraceFacts(at=p.NOW, act=act, by=by, refused=refused), Language(code=code))
    assert text.endswith(".")
    assert "%" not in text
    assert "  " not in text


def test_every_act_of_the_journal_has_its_sentence():
    assert {str(act) for act in Act} == SENTENCES.keys() | NEVER_IN_A_SPACE


def test_a_title_with_percent_signs_or_tags_survives_in_a_sentence():
    trace = TraceFacts(at=p.NOW, act="read-document", by="me", document_title="100 %(num)s <b>")
    assert "100 %(num)s <b>" in sentence(trace, FR)


def test_days_are_those_of_paris():
    late = TraceFacts(at=p.NOW.replace(hour=23, minute=30) - timedelta(days=1), act="sign-in", by="me")
    assert group_days((late,), p.NOW, FR)[0].label == "aujourd'hui"


def test_an_authorised_professional_is_not_offered_twice():
    page = present_directory(language=FR, form=Form(), found=(p.DR_ROUX, p.DR_PETIT, p.NURSE), standings=p.STANDINGS)
    assert [[action.label for action in row.actions] for row in page.results] == [
        ["Modifier", "Bloquer"],
        ["Débloquer"],
        ["Autoriser", "Bloquer"],
    ]


def test_the_access_page_separates_authorised_from_blocked():
    page = present_access(language=FR, standings=p.STANDINGS)
    assert [row.title for row in page.authorised] == ["Dr Anne Roux", "Hôpital Simone-Martin"]
    assert [row.title for row in page.blocked] == ["Dr Luc Petit"]


def test_marking_everything_read_is_offered_only_when_something_is_unread():
    assert present_notifications(language=FR, items=p.NOTIFICATIONS, unread=2).mark_all
    assert present_notifications(language=FR, items=p.NOTIFICATIONS[2:], unread=0).mark_all is None


@pytest.mark.parametrize("status", [400, 401, 403, 404, 405, 409, 413, 415, 418, 429, 500, 502, 503, 504, 599])
def test_every_error_status_has_words_and_a_way_out(status):
    page = present_error(language=FR, status=status)
    assert page.heading
    assert page.actions


@pytest.mark.parametrize(
    ("current", "total", "numbers"),
    [(1, 1, None), (1, 3, [1, 2, 3]), (5, 9, [1, 3, 4, 5, 6, 8, 9]), (9, 9, [1, 7, 8, 9])],
)
def test_page_numbers_show_the_ends_and_the_neighbours(current, total, numbers):
    links = page_links(current=current, total=total, address=str)
    assert (links and [link.number for link in links.links]) == numbers


def test_the_same_act_again_and_again_is_told_once_with_its_number():
    def listed(minutes):
        return TraceFacts(at=p.NOW - timedelta(minutes=minutes), act="list-documents", by="me")

    other = TraceFacts(at=p.NOW - timedelta(minutes=9), act="sign-in", by="me")
    (day,) = group_days((listed(1), listed(2), listed(3), other, listed(20)), p.NOW, FR)
    assert [moment.details for moment in day.moments] == [("3 fois",), (), ()]
    assert day.moments[0].when == "de 14\u00a0h\u00a002 à 14\u00a0h\u00a004"
