"""Settings: everything wrong is said at once, secrets come from files and are never shown."""

import re

import pytest

from carnet.config.doors import persons_provider
from carnet.config.settings import SettingsError, read_settings, reference_page
from carnet.config.variables import VARIABLES


def test_defaults_are_enough_to_start():
    settings = read_settings({})
    assert settings.base_url == "http://127.0.0.1:8000"
    assert settings.kek_file.name == "kek.json"


def test_every_problem_is_reported_together():
    with pytest.raises(SettingsError) as caught:
        read_settings({"CARNET_PORT": "x", "CARNET_KEK": "magic", "CARNET_TYPO": "1", "CARNET_BLOBS": "s3"})
    text = str(caught.value)
    for name in ("CARNET_PORT", "CARNET_KEK:", "CARNET_TYPO: unknown", "CARNET_S3_ENDPOINT"):
        assert name in text


MALFORMED = {
    "CARNET_LOG_LEVEL": "loud",
    "CARNET_WEB_WORKERS": "0",
    "CARNET_POOL_SIZE": "twelve",
    "CARNET_DATABASE_URL": "carnet",
    "CARNET_ACCEPTED_INS_OIDS": "1.2.250,NIR",
    "CARNET_JOURNAL_QUORUM": "most",
    "CARNET_QUICK_EXIT": "javascript:alert(1)",
    "CARNET_MAIL_FROM": "carnet",
    "CARNET_MATRIX_FILE": "/nowhere/at/all",
    "CARNET_CAMPAIGN_BEGINS": "soon",
    "CARNET_CODE_TRIES": "five",
}


def test_malformed_is_said_in_words_and_never_repeated():
    with pytest.raises(SettingsError) as caught:
        read_settings(MALFORMED)
    said = dict(line.strip().split(": ", 1) for line in str(caught.value).splitlines()[1:])
    assert set(MALFORMED) <= set(said)
    assert not any("int()" in one or "isoformat" in one for one in said.values())
    assert not any(value in str(caught.value) for value in ("loud", "javascript", "/nowhere", "twelve"))


@pytest.mark.parametrize("value", ["-1", "0", "65536", "", "8000a"])
def test_a_port_is_a_port(value):
    with pytest.raises(SettingsError, match="CARNET_PORT"):
        read_settings({"CARNET_PORT": value})


@pytest.mark.parametrize("value", ["0", "16", "-1", "x"])
def test_a_token_never_outlives_what_the_directory_may_say(value):
    with pytest.raises(SettingsError, match="CARNET_TOKEN_MINUTES"):
        read_settings({"CARNET_TOKEN_MINUTES": value})


def test_a_secret_comes_from_a_file_and_never_shows(tmp_path):
    secret = tmp_path / "secret"
    secret.write_text("s3cr3t\n", encoding="utf-8")
    settings = read_settings({"CARNET_PSC_SECRET_FILE": str(secret)})
    assert settings.psc_secret == "s3cr3t"
    assert "s3cr3t" not in repr(settings)


def test_a_missing_secret_file_is_named():
    with pytest.raises(SettingsError, match="CARNET_PSC_SECRET"):
        read_settings({"CARNET_PSC_SECRET_FILE": "/nowhere/at/all"})


def test_the_reference_page_names_every_variable_and_no_secret_default():
    page = reference_page()
    assert len(re.findall(r"^\| `CARNET_", page, re.MULTILINE)) == len(VARIABLES) > 30
    assert all(not variable.default for variable in VARIABLES if variable.secret)


def test_a_low_level_of_assurance_never_opens_health_content_unless_asked_for():
    low = {"CARNET_FRANCECONNECT_ISSUER": "https://fc.example", "CARNET_FRANCECONNECT_ACR": "eidas1, eidas2"}
    assert "eidas1" not in read_settings({}).franceconnect_acr
    asked = persons_provider(read_settings(low))
    assert asked is not None
    assert asked.settings.acr_values == ("eidas1", "eidas2")
