"""Another matrix is a change of data: journalled before it decides anything, and everyone it concerns reads of it."""

import re
from datetime import timedelta
from html import unescape
from importlib.resources import files

import pytest

from carnet.access.api import current_matrix, note_matrix, seat_matrix
from carnet.access.policy import policy_version
from carnet.config.matrix_commands import show_matrix
from carnet.design.language import PARIS
from carnet.infra import clock
from carnet.kernel.actors import Actor, ActorKind
from carnet.notifications.actions.email_digest import email_digest
from carnet.notifications.api import Mailing
from carnet.spaces.api import SpaceSettings, change_settings
from factories.events import SIGN_IN, as_owner
from factories.world import make_person

HOUSE = Actor(kind=ActorKind.SYSTEM, identifier="web-start", name="Carnet", strong=True)


def table(path, *, days):
    """The packaged table with one cell turned round from a day near now on; returns its path."""
    day = (clock.now().astimezone(PARIS) + timedelta(days=days)).date()
    lines = files("carnet.access").joinpath("data", "habilitations.csv").read_text().splitlines()
    turned = next(line.split(",") for line in lines if line.startswith("IDE,") and line.split(",")[3] == "1")
    turned[3:] = ["0", "L", day.isoformat()]
    path.write_text("\n".join([*lines, ",".join(turned)]) + "\n")
    return path


@pytest.fixture
def announced(tmp_path):
    seat_matrix(table(tmp_path / "matrix.csv", days=20))
    yield tmp_path / "matrix.csv"
    seat_matrix(None)


async def test_nothing_is_announced_when_nothing_changes(open_browser):
    browser = await open_browser()
    assert "la loi" not in await browser.page("/accueil")
    assert "Ce qui change" not in await browser.page("/acces/qui-voit-quoi")


async def test_everyone_reads_of_a_change_before_its_day(open_browser, announced):
    browser = await open_browser()
    home = await browser.page("/accueil")
    assert re.search(r"Le \d+ \w+ \d{4}, la loi change ce que certains métiers peuvent lire", home)
    assert 'href="/acces/qui-voit-quoi#changements"' in home
    page = await browser.page("/acces/qui-voit-quoi")
    assert 'id="changements"' in page
    assert re.search(r"Infirmier ne peut plus lire\s?: [^<]+\.", page)


class Kept(list):
    """A mail server that keeps what it is handed."""

    async def send(self, mail, *, at):
        self.append(mail)


@pytest.mark.parametrize("days", [20, -20, None], ids=["to come", "begun", "none"])
async def test_the_weeks_message_says_the_same_to_all_before_the_day_and_nothing_since(house, tmp_path, days):
    at = clock.now()
    someone = await make_person(email="semaine@exemple.test", at=at - timedelta(days=9))
    weekly = SpaceSettings(notice_channels=("portal", "weekly"))
    await change_settings(actor=someone.actor, space=someone.space, settings=weekly, at=at - timedelta(days=8))
    kept = Kept()
    mailing = Mailing(transport=kept, sign_in=SIGN_IN)
    seat_matrix(table(tmp_path / "matrix.csv", days=days) if days else None)
    try:
        assert await email_digest(actor=HOUSE, space=someone.space, mailing=mailing, at=at)
    finally:
        seat_matrix(None)
    for said in (kept[0].text, unescape(kept[0].html)):
        assert ("La loi change bientôt ce que certains métiers peuvent lire" in said) is (days == 20)
        assert not re.search(r"\d", said.replace(SIGN_IN, "").replace("utf-8", ""))


async def test_it_is_journalled_once_however_many_processes_start(house, announced):
    before = policy_version()
    for _ in range(2):
        await note_matrix(actor=HOUSE, at=clock.now())
    assert (kept := written(house))[-1]["version"] == current_matrix().version
    assert kept[-1]["cells"]["L"] == 1
    seat_matrix(None)
    assert policy_version() != before
    assert await note_matrix(actor=HOUSE, at=clock.now())  # back to the packaged one: a change as well
    assert [one["version"] for one in written(house)[len(kept) :]] == [current_matrix().version]


def written(house):
    sql = "SELECT details FROM security_entry WHERE act = 'load-matrix' ORDER BY at, entry_id"
    with as_owner(house) as conn:
        return [details for (details,) in conn.execute(sql).fetchall()]


def test_a_table_that_cannot_be_used_is_refused_and_said(tmp_path, announced, capsys):
    assert show_matrix(announced)
    assert re.search(r"0 opened\t1 closed\n  - IDE\t\S+", capsys.readouterr().out)
    broken = tmp_path / "broken.csv"
    broken.write_text(announced.read_text().replace(",1,", ",perhaps,", 1))
    before = current_matrix().version
    assert not show_matrix(broken)
    assert not show_matrix(tmp_path / "none.csv")
    assert "cannot be used" in capsys.readouterr().err
    assert current_matrix().version == before
