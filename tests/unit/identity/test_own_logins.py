"""The sentences about a login and a password of one's own (mes.md §2.2 A4), each red when its rule is taken out."""

import pytest

from carnet.identity.rules import own_logins
from carnet.identity.rules.own_logins import check_login, check_password
from carnet.kernel.errors import Invalid

PERSONAL = ("Brumelière", "Camille Zoé", "1994-05-17", "camille.b")
GOOD = "Pré-Vert_9 coquelicots"


def refused(check, text, **more):
    try:
        check(text, **more)
    except Invalid as why:
        return {one.code for one in why.problems}
    return set()


PASSWORDS = {
    "Pré-Ve_9": "password-kinds",  # eight characters
    "pré-vert_9 coquelicots": "password-kinds",
    "PRÉ-VERT_9 COQUELICOTS": "password-kinds",
    "Pré-Vert_ coquelicots": "password-kinds",
    "PréVert9coquelicots": "password-kinds",
    "Brumeliere_9 roses": "password-personal",  # without its accent
    "Roses-17051994-Vert": "password-personal",
    "Roses-1994_Vert": "password-personal",
    "CAMILLE_9 roses": "password-personal",
    "MotDePasse_9!": "password-weak",
    "Roses_9876 Vert": "password-weak",
    "Vert_9 azer roses": "password-weak",
    "Aa1!Aa1!Aa1!": "password-weak",
}
LOGINS = {
    "camille": "login-form",  # seven
    "camille/b": "login-form",
    "camillé.b": "login-form",
    "camille@exemple.fr": "login-personal",
    "294056938390135": "login-personal",
    "2 94 05 69 383 901 35": "login-personal",
    "FR7630006000011234567890189": "login-personal",
}


def wrong():
    """What the rules do not refuse for the reason they should."""
    found = [text for text, code in PASSWORDS.items() if code not in refused(check_password, text, personal=PERSONAL)]
    return found + [text for text, code in LOGINS.items() if refused(check_login, text) != {code}]


def test_each_sentence_is_kept_and_what_follows_them_all_is_taken():
    assert wrong() == []
    assert check_password(GOOD, personal=PERSONAL) == GOOD
    assert check_password("Pré-Vert_9 coquelicots", personal=PERSONAL) == GOOD, "the same letters, however typed"
    assert check_login("Camille.B-9_x") == "camille.b-9_x"
    assert refused(check_password, "camille", personal=PERSONAL) == {"password-kinds", "password-personal"}


@pytest.mark.parametrize(
    ("rule", "without"),
    [
        ("SHORTEST_PASSWORD", 1),
        ("_four_kinds", lambda _: True),
        ("_parts", lambda _: set()),
        ("_COMMON", ()),
        ("_runs", lambda _: False),
        ("_LEAST_DIFFERENT", 0),
        ("_NIR", own_logins._IBAN),
        ("_IBAN", own_logins._NIR),
    ],
    ids=lambda one: one if isinstance(one, str) else "-",
)
def test_a_rule_taken_out_is_noticed(monkeypatch, rule, without):
    monkeypatch.setattr(own_logins, rule, without)
    assert wrong()
