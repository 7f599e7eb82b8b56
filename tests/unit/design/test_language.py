"""Every sentence a person can read exists in both languages, and reads well in each."""

import re
from datetime import UTC, date, datetime
from pathlib import Path

import pytest

from carnet.design.clocks import clock_name
from carnet.design.language import Language, french_spaces
from carnet.design.messages import english, french, missing, unused
from carnet.spaces.rules.delays import OVERSEAS, PARIS

SOURCE = Path(__file__).parents[3] / "src/carnet"
PACKAGES = [path.parent for path in (SOURCE / "design/locale", *sorted(SOURCE.glob("interfaces/*/locale")))]
AT = datetime(2026, 11, 21, 13, 5, tzinfo=UTC)


@pytest.mark.parametrize("package", PACKAGES, ids=lambda path: path.name)
def test_every_french_sentence_has_its_english_and_no_english_is_left_over(package):
    assert missing(package) == {}
    assert unused(package) == set()


def test_every_package_with_templates_has_a_locale():
    ours = [SOURCE / "design", *SOURCE.glob("interfaces/*")]
    assert {folder for folder in ours if (folder / "templates").is_dir()} == set(PACKAGES)


@pytest.mark.parametrize("package", PACKAGES, ids=lambda path: path.name)
def test_translations_keep_every_placeholder(package):
    for message, strings in english(package).items():
        asked = set(re.findall(r"%\((\w+)\)s", message))
        for string in strings:
            assert set(re.findall(r"%\((\w+)\)s", string)) <= asked | {"num"}, message
            assert asked - set(re.findall(r"%\((\w+)\)s", string)) <= {"num"}, message


def test_a_missing_translation_turns_the_check_red(tmp_path):
    (tmp_path / "templates").mkdir()
    (tmp_path / "templates/page.html").write_text('{{ _("Une phrase sans traduction") }}')
    (tmp_path / "locale/en/LC_MESSAGES").mkdir(parents=True)
    (tmp_path / "locale/en/LC_MESSAGES/carnet.po").write_text(
        'msgid ""\nmsgstr ""\n"Content-Type: text/plain; charset=utf-8\\n"\n\nmsgid "Une autre"\nmsgstr "Another"\n'
    )
    assert list(missing(tmp_path)) == ["Une phrase sans traduction"]
    assert unused(tmp_path) == {"Une autre"}
    assert list(french(tmp_path)) == ["Une phrase sans traduction"]


@pytest.mark.parametrize(
    ("ask", "fr", "en"),
    [
        (lambda language: language.long_date(AT), "samedi 21 novembre 2026", "Saturday 21 November 2026"),
        (lambda language: language.moment(AT), "21 nov. 2026 à 14\u00a0h\u00a005", "21 Nov 2026 at 14:05"),
        (lambda language: language.short_date(date(2026, 1, 1)), "1er janv. 2026", "1 Jan 2026"),
        (lambda language: language.month(AT), "novembre 2026", "November 2026"),
        (lambda language: language.size(1_234_567), "1,2\u00a0Mo", "1.2\u00a0MB"),
        (lambda language: language.size(900), "900\u00a0octets", "900\u00a0bytes"),
        (
            lambda language: language.ngettext("%(num)s document", "%(num)s documents", 0),
            "%(num)s document",
            "%(num)s documents",
        ),
    ],
)
def test_dates_times_sizes_and_plurals_read_as_people_write_them(ask, fr, en):
    assert ask(Language(code="fr")) == fr
    assert ask(Language(code="en")) == en


def test_paris_midnight_belongs_to_the_day_people_live_in():
    late = datetime(2026, 11, 21, 23, 30, tzinfo=UTC)
    assert Language(code="fr").long_date(late) == "dimanche 22 novembre 2026"


def test_a_time_without_offset_is_refused():
    with pytest.raises(ValueError, match="offset"):
        Language(code="fr").time(datetime(2026, 1, 1))  # noqa: DTZ001 - the point of the test


def test_french_typography_keeps_signs_with_their_word():
    assert french_spaces("« Oui » : vraiment ?") == "«\u00a0Oui\u00a0»\u00a0: vraiment\u00a0?"


def test_every_clock_but_that_of_paris_has_a_name():
    for zone in OVERSEAS.values():
        fr, en = clock_name(zone, code="fr"), clock_name(zone, code="en")
        assert fr.startswith("heure de ")
        assert en.endswith(" time")
    assert clock_name(PARIS, code="fr") == clock_name("Nowhere/Else", code="fr") == ""
