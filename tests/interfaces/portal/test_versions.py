"""The versions of a document lead to one another on its page, and one the person may not know of is not even a gap."""

from uuid import UUID

import psycopg
import pytest

from carnet.infra import clock
from carnet.kernel.ids import routable
from carnet.records.queries import versions
from factories.world import give, make_software
from interfaces.portal.conftest import words


async def given_three_versions(person) -> list[str]:
    software, ids = await make_software(), []
    for number in ("un", "deux", "trois"):
        replaces = routable(person.space, ids[-1]) if ids else None
        receipt = await give(
            person,
            by=software,
            title=f"Bilan {number}",
            replaces=replaces,
            at=clock.now(),
            content=f"Bilan {number}".encode(),
        )
        ids.append(receipt.documents[0].document_id)
    return [one.hex for one in ids]


async def test_each_version_leads_to_its_neighbours_and_an_old_one_to_the_newest(open_browser):
    browser = await open_browser()
    first, second, third = await given_three_versions(browser.someone)
    html = await browser.page(f"/documents/{second}")
    assert "Version 2 sur 3" in words(html)
    assert "Une version plus récente remplace ce document." in words(html)
    assert f'href="/documents/{first}"' in html
    assert html.count(f'href="/documents/{third}"') == 2
    newest = words(await browser.page(f"/documents/{third}"))
    assert "Version 3 sur 3" in newest
    assert "Version suivante" not in newest
    assert "Une version plus récente" not in newest


@pytest.mark.parametrize("broken", [False, True], ids=["as-built", "planted"])
async def test_a_newer_version_hidden_from_the_person_changes_nothing_for_them(
    house, open_browser, monkeypatch, broken
):
    browser = await open_browser()
    first, second, third = await given_three_versions(browser.someone)
    # a code normally covers every version; a version held alone must not show either
    with psycopg.connect(house.url("postgres"), autocommit=True, options="-c search_path=carnet,vault") as conn:
        conn.execute("UPDATE carnet.document SET invisible_patient = true WHERE document_id = %s", (UUID(third),))
    if broken:
        monkeypatch.setattr(versions, "_VERSIONS", versions._VERSIONS.replace(versions.VISIBLE, "true"))
    page = words(await browser.page(f"/documents/{second}"))
    gives_away = "sur 3" in page or "plus récente" in page or "Version suivante" in page or "Remplacé" in page
    assert gives_away is broken
    if not broken:
        assert "Version 2 sur 2" in page
        listed = await browser.page("/documents")
        assert f"/documents/{second}" in listed
        assert f"/documents/{first}" not in listed
