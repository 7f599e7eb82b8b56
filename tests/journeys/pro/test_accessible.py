"""Every professional page in every state: nothing for axe to say, on a phone and a desk, light and dark, in French and
English, under the real policy, without sideways scrolling.
"""

import pytest

from factories.chromium import seen_by_axe

VIEWS = [(390, "light", "fr"), (1280, "dark", "en")]
SMALL = """() => [...document.querySelectorAll('a.button, button, .tab, select, input:not([type=hidden])')]
  .filter(e => e.checkVisibility() && !e.closest('[hidden]'))
  .map(e => (e.matches('[type=checkbox],[type=radio]') ? e.closest('label') : e).getBoundingClientRect())
  .filter(r => r.height < 43.5).length"""
SETTLED = """() => document.readyState === 'complete'
  && (!document.querySelector('[data-focus]') || document.activeElement !== document.body)"""
DOCUMENTS = ("cda", "pdf", "invisible", "own")


def check(page, where):
    page.wait_for_function(SETTLED)  # its style sheets are there, and what takes the focus has moved the page
    found = seen_by_axe(page)
    assert found.violations_count == 0, where + "\n" + found.generate_report()
    assert page.evaluate("document.documentElement.scrollWidth <= window.innerWidth"), where
    assert page.evaluate(SMALL) == 0, where
    unexpected = [text for text in page.messages if "status of 4" not in text]
    assert unexpected == [], where
    page.messages.clear()


def submit(page):
    with page.expect_navigation():
        page.locator("main form.form .button--primary").click()


def submit_danger(page):
    with page.expect_navigation():
        page.locator("main form.form .button--danger").click()


@pytest.fixture(params=VIEWS, ids=lambda view: "-".join(map(str, view)))
def page(request, desk):
    width, theme, language = request.param
    return desk(width, theme=theme, language=language)


def find(page, site, matricule):
    page.goto(f"{site.base_url}/pro/patient")
    page.fill("#champ-ins", matricule)
    submit(page)
    return page.url


def test_finding_and_asking(site, page):
    page.goto(f"{site.base_url}/pro/patient")
    check(page, "find")
    for matricule in ("123", "255057800608405"):
        find(page, site, matricule)
        check(page, f"find {matricule}")
    address = find(page, site, site.prepared.unknown)
    check(page, "agreement")
    submit(page)
    check(page, "agreement, box not ticked")
    page.goto(f"{address}/urgence")
    check(page, "emergency")
    submit_danger(page)
    check(page, "emergency, no reason")
    page.goto(f"{address}/deposer")
    check(page, "deposit without agreement")
    page.goto(f"{address}x")
    check(page, "trouble")
    letter = f"courriers/{site.prepared.letter}"
    for where in ("compte", "deposer", "urgences", "courriers", letter, f"{letter}/deposer/1"):
        page.goto(f"{site.base_url}/pro/{where}")
        check(page, where)
    submit(page)
    check(page, "keeping a letter, with errors")


def test_reading_and_depositing(site, page):
    find(page, site, site.prepared.empty)
    check(page, "no document")
    address = find(page, site, site.prepared.known)
    check(page, "documents")
    for query in ("?periode=tout&categorie=CPT_REND", "?q=rien-de-tel", "?q=hospitalisation", "?vue=date&versions=1"):
        page.goto(address + query)
        check(page, query)
    for name in DOCUMENTS:
        page.goto(f"{address}/documents/{site.prepared.documents[name]}")
        page.wait_for_load_state("networkidle")
        check(page, name)
    find(page, site, site.prepared.returning)
    page.get_by_role("link", name="Biopsie").first.click()
    page.locator("#lecture").wait_for()
    page.wait_for_load_state("networkidle")
    check(page, "beside the list, or on its own page")
    page.goto(f"{address}/documents/{site.prepared.documents['invisible']}?voir=1")
    check(page, "shown in full knowledge")
    page.goto(f"{address}/documents/{site.prepared.documents['cda_pdf']}/pieces")
    check(page, "attached files")
    page.goto(f"{address}/deposer")
    check(page, "deposit")
    page.fill("#champ-titre", "../x")
    submit(page)
    page.locator(".error-summary").wait_for()  # written into this page by the script that sends with progress
    check(page, "deposit with errors")


def test_signed_out(site, desk):
    for width, theme, language in VIEWS:
        page = desk(width, theme=theme, language=language, signed_in=False)
        for query in ("", "?motif=idle", "?motif=not_recognised&detail=not-practising-there"):
            page.goto(f"{site.base_url}/pro{query}")
            check(page, f"entrance {query}")


def test_a_planted_fault_is_seen(site, desk):
    page = desk()
    page.goto(f"{site.base_url}/pro/patient")
    planted = '<img src="/static/logo.svg"><i style="color:red">x</i>'
    page.evaluate("html => document.querySelector('h1').insertAdjacentHTML('afterend', html)", planted)
    with pytest.raises(AssertionError):
        check(page, "planted")
