"""Templates compiled with what never changes say what Jinja alone would have said."""

import pytest
from jinja2 import DictLoader, Environment
from jinja2.exceptions import UndefinedError

from carnet.design import folding
from carnet.design.environment import make_environment

TEMPLATES = {
    "parts": "{% macro named(text, to='exit') %}<b>{{ icon(to) }}{{ text }}{{ _('Accueil') }}</b>{% endmacro %}",
    "own": "{% macro icon(name) %}[{{ name }}]{% endmacro %}",
}
SAID = (
    "{{ _('Accueil') }} {{ _('Quitter vite') }}",
    "{{ _('100 %%') }} {{ _('%(num)s jours', num=page.n) }} {{ ngettext('%(num)s jour', '%(num)s jours', page.n) }}",
    "{{ _('Accueil') ~ page.text }} {{ (_('Accueil') if page.n else 'b') }} {{ 'Non' if page.n else _('Oui') }}",
    "{{ static('base.css') }} <i title=\"{{ static('base.css') ~ page.text }}\">{{ icon('exit', 'a & b') }}</i>",
    "{% from 'parts' import named %}{% for one in page.all %}{{ named(one) }}{{ named(one, to='home') }}{% endfor %}",
    "{% from 'own' import icon %}{{ icon('exit') }}",
    "{% set static = page.call %}{{ static('exit') }}{% for icon in [page.call] %}{{ icon('exit') }}{% endfor %}",
    "{% for key, value in page.pairs.items() %}{{ key }}{{ value }}{{ drawing('empty') }}{% endfor %}",
    "{% trans n=page.n %}{{ n }} jour{% pluralize %}{{ n }} jours{% endtrans %}",
    "{{ icon(page.text) }}{{ static(page.file ~ '.css') }}{{ page.n | number }}",
)


class Page:
    """What a page may bring."""

    n, text, file = 3, "<&>", "base"
    all, pairs = ("<a>", "b"), {"<k>": "v"}

    @staticmethod
    def call(name: str) -> str:
        return f"<{name}>"


def both(code):
    """The product's environment, and one of Jinja's own with the same words and functions."""
    folded = make_environment(language=code)
    folded.loader = DictLoader(TEMPLATES)
    plain = Environment(loader=folded.loader, autoescape=True, extensions=["jinja2.ext.i18n"])
    plain.globals, plain.filters, plain.newstyle_gettext = folded.globals, folded.filters, True
    return folded, plain


@pytest.mark.parametrize("code", ["fr", "en"])
@pytest.mark.parametrize("source", SAID)
def test_a_page_says_what_it_said(code, source):
    folded, plain = both(code)
    assert folded.from_string(source).render(page=Page) == plain.from_string(source).render(page=Page)


def test_a_name_of_its_own_that_is_overlooked_is_noticed(monkeypatch):
    folded, plain = both("fr")
    monkeypatch.setattr(folding, "_names_of_its_own", lambda tree: ())
    source = SAID[5]
    assert folded.from_string(source).render(page=Page) != plain.from_string(source).render(page=Page)


def test_what_never_changes_is_asked_for_once():
    folded, _ = both("fr")
    asked = []
    folded.globals["icon"] = lambda name: asked.append(name) or "x"
    page = folded.from_string("{{ icon('exit') }}{{ icon(page.text) }}")
    assert [page.render(page=Page) for _ in range(3)] == ["xx"] * 3
    assert asked == ["exit", "<&>", "<&>", "<&>"]


def test_what_is_not_there_is_still_told():
    folded, _ = both("fr")
    with pytest.raises(UndefinedError):
        folded.from_string("{{ nothing('a') }}").render()
