"""Who is born or comes into rights goes the same way; and a day overseas begins and ends by the clocks there."""

import datetime as dt
from zoneinfo import ZoneInfo

import pypdfium2
import pytest

from carnet.infra.db import work
from carnet.spaces.api import find_space, informed_today, take_bounces
from carnet.spaces.rules import delays
from factories.beneficiaries import beneficiary_matricule, line
from factories.campaign import imported, ins_of, letter_codes, opened, rows, states, told
from factories.post import post_office, transport_to
from factories.world import AT, OPERATOR

SIX_WEEKS = dt.timedelta(days=42)


async def test_a_newborn_is_told_through_who_represents_them_and_opened_by_default(house, batch, source, tmp_path):
    parents = f"{beneficiary_matricule(30)}|{beneficiary_matricule(36)}"
    newborn = {"date_naissance": "2026-11-20", "representants": parents, "evenement": "naissance"}
    people = [line(1, **newborn, code_postal="44000"), line(7, evenement="droits", code_postal="44000")]
    await imported(batch, source(people))
    await told(batch, tmp_path, departement="44")
    files = sorted((tmp_path / "lettres").glob("lot-*.pdf"))
    texts = [page.get_textpage().get_text_bounded() for file in files for page in pypdfium2.PdfDocument(file)]
    (theirs,) = (one for one in texts if "Aux représentants légaux de" in one)
    assert "la date de naissance de l'enfant" in " ".join(theirs.split()).replace("’", "'")
    assert not any(word in theirs for word in ("votre date de naissance", "Votre espace", "votre carte Vitale"))
    assert set(letter_codes(tmp_path / "lettres")) == {1, 7}
    assert await opened(batch, AT + SIX_WEEKS - dt.timedelta(minutes=1)) == 0
    assert await opened(batch, AT + SIX_WEEKS) == 2
    assert await find_space(ins_of(1)) is not None
    places = rows(house, "SELECT kind, until FROM carnet.delegate_place ORDER BY delegate")
    majority = dt.datetime(2044, 11, 20, tzinfo=ZoneInfo("Europe/Paris"))
    assert [(kind, until) for kind, until in places if until == majority] == [("named", majority)] * 2
    # rights that end before the six weeks are over end the way; rights that come back begin it again
    await imported(batch, source([line(13, evenement="fin-droits"), line(19)]), at=AT)
    await imported(batch, source([line(13, evenement="droits"), line(19, evenement="fin-droits")]), at=AT + SIX_WEEKS)
    assert states(house) == {"OPEN": 2, "ELIGIBLE": 1, "NOT_ELIGIBLE": 1}


@pytest.mark.parametrize("planted", ["", "every clock shows Paris"])
async def test_a_child_is_born_on_the_day_of_the_clock_there(house, batch, source, monkeypatch, planted):
    if planted:
        monkeypatch.setattr(delays, "OVERSEAS", {})
    evening = dt.datetime(2026, 11, 21, 20, 30, tzinfo=dt.UTC)  # 7.30 of the next day in Nouméa, 21.30 in Paris
    born = {"date_naissance": "2026-11-22", "evenement": "naissance"}
    made = source([line(1, **born, code_postal="98800"), line(7, **born, code_postal="31000")])
    done = await imported(batch, made, at=evening)
    refused = [one.split(";")[:2] for one in made.rejects.read_text().splitlines()]
    assert refused == ([["2", "date-in-future"]] if planted else []) + [["3", "date-in-future"]]
    assert done.stored == (0 if planted else 1)


async def test_quotas_bounces_and_delays_overseas_go_by_the_clock_there(house, batch, source, tmp_path):
    numbers = (5, 11, 17, 23, 29, 35)  # 97400: La Réunion, four hours before UTC
    await imported(batch, source([line(one, email=f"p{one}@exemple.invalid") for one in numbers]))
    evening = dt.datetime(2026, 11, 21, 19, 50, tzinfo=dt.UTC)  # 23.50 there

    async def today(at):
        async with work(space=None, at=at, database_=batch) as w:
            return await informed_today(w, departement="974"), await informed_today(w, departement="44")

    async with post_office() as (post, port):
        reached = await told(batch, tmp_path, departement="974", transport=transport_to(port), at=evening, most=4)
        assert (reached.emails, reached.letters) == (4, 0)
        assert await today(evening) == (4, 0)
        night = evening + dt.timedelta(minutes=20)  # another day there, the same one in Paris
        assert await today(night) == (0, 0)
        await told(batch, tmp_path, departement="974", transport=transport_to(port), at=night)
        assert await today(night) == (2, 0)
    keys = [str(one["Message-ID"]).partition("information-")[2][:40] for one in post.messages[:1]]
    back = night + dt.timedelta(days=3)
    assert await take_bounces(actor=OPERATOR, batch=batch, keys=keys, at=back) == 1
    reached = await told(batch, tmp_path, departement="974", at=back)
    assert (reached.emails, reached.letters) == (0, 1)
    assert await opened(batch, evening + SIX_WEEKS) == 3
    assert await opened(batch, night + SIX_WEEKS) == 2
    assert await opened(batch, back + SIX_WEEKS) == 1
