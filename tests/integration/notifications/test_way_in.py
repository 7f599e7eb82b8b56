"""Whoever adds a way in to a space is told of where its person was reached until then."""

import datetime as dt

import pytest

from carnet.identity.actions import credentials
from carnet.identity.api import Channel, NewPassword, hash_password, set_password
from carnet.infra.sms import FolderSms
from carnet.notifications.rules.life_words import life_text
from factories.events import deliver, empty_queue, table
from factories.post import post_office, transport_to
from factories.world import AT, make_person


@pytest.fixture(autouse=True)
def _fresh(house):
    empty_queue(house)


@pytest.mark.parametrize("planted", [False, True])
async def test_a_way_in_that_was_added_is_told_where_one_was_reached_before(house, tmp_path, monkeypatch, planted):
    """Another proof than those there, and another number: it waits three days, and who is elsewhere hears of it.

    The planted fault: the number codes went to is not asked for.
    """
    person = await make_person(email="ancienne@exemple.test")
    if planted:
        monkeypatch.setattr(credentials, "_LATELY", f"{credentials._LATELY} AND false")

    async def add(login, to, **given):
        channel = Channel.EMAIL if "@" in to else Channel.SMS
        new = NewPassword(login=login, hashed=hash_password("Pré-Vert_9"), channel=channel, to=to)
        return await set_password(actor=person.actor, new=new, at=AT, **given)

    login = f"pré.{person.space.hex[:8]}"
    first = await add(login, "+33639980000", account=None, known=True)
    second = await add(login, "autre@exemple.test", account=first.account, known=False)
    third = await add(login, "+33639980001", account=first.account, known=True)
    assert [one.usable_from - AT for one in (first, second, third)] == [dt.timedelta(hours=n) for n in (0, 72, 0)]
    folder = tmp_path / "sms"
    async with post_office() as (post, port):
        await deliver(house, handlers=table(transport_to(port), sms=FolderSms(folder)))
    told = [(to, message["Subject"]) for to, message in zip(post.recipients, post.messages, strict=True)]
    told += [tuple(path.read_text().splitlines()) for path in folder.glob("*")]
    now, waits = "Un moyen de connexion a été ajouté", "Un moyen de connexion sera ajouté dans trois jours"
    wanted = [("ancienne@exemple.test", subject) for subject in (now, now, waits)]
    if not planted:
        wanted += [("autre@exemple.test", now), ("+33639980000", life_text("credential-waits", language="fr"))]
    assert sorted(told) == sorted(wanted)
