"""The words of an e-mail: complete in both languages, neutral, one address."""

import re

import pytest

from carnet.notifications.data import NoticeCode
from carnet.notifications.rules.channels import is_told
from carnet.notifications.rules.words import html, plain_text, words_for
from carnet.spaces.api import SpaceSettings

ABOUT_ACCESS = {NoticeCode.ACCES_DMP_PS, NoticeCode.ACCES_BRIS_GLACE, NoticeCode.BLOCAGE_ACCES}
ABOUT_MESSAGES = {NoticeCode.RECEPTION_MESSAGE, NoticeCode.ECHEC_MESSAGE}
ABOUT_FAMILY = {NoticeCode.INVITATION_PROCHE, NoticeCode.DELEGATION, NoticeCode.DELEGATION_FIN}
ABOUT_THE_AGENDA = {NoticeCode.RAPPEL_AGENDA, NoticeCode.RAPPEL_RDV_USAGER}
APART = {
    *ABOUT_ACCESS,
    *ABOUT_THE_AGENDA,
    *ABOUT_MESSAGES,
    *ABOUT_FAMILY,
    NoticeCode.NOUVEAU_PROCHE,
    NoticeCode.COPIE_PRETE,
}
SIGN_IN = "https://carnet.test/connexion"


@pytest.mark.parametrize("language", ["fr", "en"])
@pytest.mark.parametrize("code", list(NoticeCode))
def test_every_code_has_words_and_one_address(code, language):
    text, page = plain_text(code, language=language, sign_in=SIGN_IN), html(code, language=language, sign_in=SIGN_IN)
    assert words_for(code, language=language).subject
    assert re.findall(r"https?://\S+", text) == [SIGN_IN]
    assert re.findall(r"https?://[^\"<]+", page) == [SIGN_IN]
    assert not re.search(r"<(img|script|link|style|iframe)", page)
    assert f'lang="{language}"' in page


def test_the_languages_differ_and_unknown_ones_read_french():
    for code in NoticeCode:
        assert words_for(code, language="fr") != words_for(code, language="en")
        assert words_for(code, language="xx") == words_for(code, language="fr")


def test_documents_all_read_alike():
    """Added, changed or deleted: the mail does not say which, whoever carries it learns nothing."""
    said = {plain_text(c, language="fr", sign_in=SIGN_IN) for c in NoticeCode if c not in APART}
    assert len(said) == 1
    messages = {plain_text(c, language="fr", sign_in=SIGN_IN) for c in ABOUT_MESSAGES}
    assert len(messages) == 1
    assert len({plain_text(c, language="fr", sign_in=SIGN_IN) for c in ABOUT_FAMILY}) == 1


@pytest.mark.parametrize("code", list(NoticeCode))
@pytest.mark.parametrize("channel", ["portal", "email"])
def test_the_choice_is_respected_except_for_accesses(code, channel):
    assert is_told(code, SpaceSettings(notice_channels=("portal", "email")), channel=channel)
    silenced = SpaceSettings(notice_channels=())
    assert is_told(code, silenced, channel=channel) == (code in ABOUT_ACCESS)
