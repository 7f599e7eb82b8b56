"""Every setting, read once from the environment; all that is missing or malformed is reported together.

A variable may be given as NAME_FILE instead: the file's content is the value (secrets live there). Which there are is
the table in `variables`; the reference page docs/settings.md is generated from that.
"""

import os
from collections.abc import Mapping
from datetime import date
from pathlib import Path
from typing import Any

import msgspec

from carnet.config.access_settings import access_limits
from carnet.config.family_settings import family_limits
from carnet.config.variables import VARIABLES, Variable
from carnet.infra.installation import AccessLimits
from carnet.kernel.family_limits import FamilyLimits


class SettingsError(RuntimeError):
    """One or more variables are missing or malformed; the message lists every one."""


class Settings(msgspec.Struct, frozen=True, kw_only=True):
    """What the table reads, one field a variable."""

    home: Path
    matrix_file: Path | None
    host: str
    port: int
    metrics_port: int
    base_url: str
    web_workers: int
    database_url: str | None
    owner_url: str | None
    batch_url: str | None
    sequencer_url: str | None
    oversight_url: str | None
    journal_origin: str
    journal_witnesses: str
    journal_quorum: str | None
    journal_signer: str | None
    pool_size: int
    kek: str
    kek_file: Path
    transit_url: str | None
    transit_key: str
    transit_token_file: str | None
    blobs: str
    s3_endpoint: str | None
    s3_bucket: str
    s3_region: str
    s3_key_id: str | None
    s3_secret: str | None
    ins_oids: frozenset[str]
    software_document_bytes: int
    person_document_bytes: int
    future_seconds: int
    franceconnect_issuer: str | None
    franceconnect_client_id: str
    franceconnect_secret: str | None
    franceconnect_acr: tuple[str, ...]
    psc_issuer: str | None
    psc_client_id: str
    psc_secret: str | None
    proconnect_issuer: str | None
    proconnect_client_id: str
    proconnect_secret: str | None
    proconnect_acr: tuple[str, ...]
    ins_service_url: str | None
    card_service_url: str | None
    sms_url: str | None
    sms_token: str | None
    smtp_host: str
    smtp_port: int
    smtp_tls: bool
    smtp_user: str | None
    smtp_password: str | None
    notice_group_minutes: int
    mss_domain: str
    mss_host: str
    mss_port: int
    mss_peers: str | None
    mss_certificate: str | None
    mss_key: str | None
    mss_ca_file: str | None
    mss_relay_host: str
    mss_relay_port: int
    mss_relay_tls: bool
    mss_dkim_key: str | None
    mss_dkim_selector: str
    mss_software: str
    mss_message_bytes: int
    mss_attachment_bytes: int
    mss_hourly_persons: int
    mss_bin_days: int
    mail_from: str
    clamd: str | None
    person_idle_minutes: int
    pro_idle_minutes: int
    desk_idle_minutes: int
    quick_exit: str
    objection_days: int
    suspension_days: int
    archive_years: int
    deletion_months: int
    deletion_days: int
    export_days: int
    code_days: int
    campaign_begins: date | None
    letter_sender: str
    token_minutes: int
    log_level: str
    sandbox: bool
    access: AccessLimits
    family: FamilyLimits

    def __repr__(self) -> str:
        return "Settings(<not shown>)"


def read_settings(environ: Mapping[str, str] = os.environ) -> Settings:
    """Return the settings of `environ`; raise SettingsError naming every bad variable at once."""
    found: dict[str, Any] = {}
    problems: list[str] = []
    for variable in VARIABLES:
        try:
            raw = _raw(variable, environ)
            found[variable.field] = variable.read(raw)
        except (ValueError, OSError) as error:
            problems.append(f"{variable.name}: {error}")
    problems += _unknown(environ)
    problems += _disagreements(found)
    if problems:
        raise SettingsError("Settings are not usable:\n  " + "\n  ".join(problems))
    found["base_url"] = found["base_url"] or f"http://{found['host']}:{found['port']}"
    found["kek_file"] = Path(found["kek_file"]) if found["kek_file"] else found["home"] / "keys" / "kek.json"
    return Settings(access=access_limits(found), family=family_limits(found), **found)


def _raw(variable: Variable, environ: Mapping[str, str]) -> str:
    beside = environ.get(f"{variable.name}_FILE") if variable.secret else None
    if beside:
        return Path(beside).read_text(encoding="utf-8").strip()
    value = environ.get(variable.name, variable.default)
    if value is None:
        raise ValueError("is required")
    return value


def _unknown(environ: Mapping[str, str]) -> list[str]:
    known = {variable.name for variable in VARIABLES} | {f"{variable.name}_FILE" for variable in VARIABLES}
    known |= {"CARNET_CHROMIUM"}
    return [f"{name}: unknown setting" for name in sorted(environ) if name.startswith("CARNET_") and name not in known]


def _disagreements(found: Mapping[str, Any]) -> list[str]:
    problems: list[str] = []
    if found.get("kek") == "transit" and not (found.get("transit_url") and found.get("transit_token_file")):
        problems.append("CARNET_TRANSIT_URL and CARNET_TRANSIT_TOKEN_FILE: are required with CARNET_KEK=transit")
    if found.get("blobs") == "s3" and not (
        found.get("s3_endpoint") and found.get("s3_key_id") and found.get("s3_secret")
    ):
        problems.append("CARNET_S3_ENDPOINT, CARNET_S3_KEY_ID, CARNET_S3_SECRET: are required with CARNET_BLOBS=s3")
    if found.get("database_url") and not (found.get("owner_url") and found.get("batch_url")):
        problems.append("CARNET_DATABASE_OWNER_URL, CARNET_DATABASE_BATCH_URL: are required with CARNET_DATABASE_URL")
    return problems


def reference_page() -> str:
    """Return docs/settings.md."""
    lines = [
        "# Settings",
        "",
        "Generated from `src/carnet/config/variables.py` (`python -m carnet docs`). A secret may be given as `NAME_FILE`.",
        "",
        "| variable | default | meaning |",
        "|---|---|---|",
    ]
    lines += [
        f"| `{variable.name}` | {f'`{variable.default}`' if variable.default else '—'} | {variable.meaning}"
        f"{' Secret.' if variable.secret else ''} |"
        for variable in VARIABLES
    ]
    return "\n".join(lines) + "\n"
