"""The table of settings: one line an environment variable, and how its kind of value is read.

docs/settings.md is this table. What settings say together, and what is derived from them, is in `settings`.
"""

from collections.abc import Callable
from typing import Any

import msgspec

from carnet.config.access_settings import BOUNDED
from carnet.config.days import optional_day
from carnet.config.family_settings import FAMILIES
from carnet.config.setting_values import (
    address,
    folder,
    oids,
    one_of,
    optional,
    optional_count,
    optional_database,
    optional_file,
    optional_url,
    ordered,
    page,
    port,
    some,
    switch,
    text,
    token_minutes,
    whole,
)


class Variable(msgspec.Struct, frozen=True):
    """One environment variable. `default` None means it must be given; `secret` values are never shown."""

    name: str
    field: str
    read: Callable[[str], Any]
    default: str | None
    meaning: str
    secret: bool = False


# fmt: off - one line a setting: a table reads as a table
VARIABLES: tuple[Variable, ...] = (
    Variable("CARNET_HOME", "home", folder, "var", "Folder of all state (embedded database, keys, blobs)."),
    Variable("CARNET_HOST", "host", text, "127.0.0.1", "Address the web server listens on."),
    Variable(
        "CARNET_MATRIX_FILE",
        "matrix_file",
        optional_file,
        "",
        "Table of who may consult what (as access/data/habilitations.csv); empty: the packaged one.",
    ),
    Variable("CARNET_PORT", "port", port, "8000", "Port the web server listens on."),
    Variable("CARNET_METRICS_PORT", "metrics_port", port, "9464", "Port of the Prometheus metrics (loopback only)."),
    Variable("CARNET_BASE_URL", "base_url", optional_url, "", "Public address; empty: http://HOST:PORT."),
    Variable("CARNET_WEB_WORKERS", "web_workers", some, "2", "Web server processes."),
    Variable(
        "CARNET_DATABASE_URL",
        "database_url",
        optional_database,
        "",
        "PostgreSQL as carnet_app; empty: embedded server.",
        secret=True,
    ),
    Variable(
        "CARNET_DATABASE_OWNER_URL",
        "owner_url",
        optional_database,
        "",
        "PostgreSQL as the owner, for migrations.",
        secret=True,
    ),
    Variable(
        "CARNET_DATABASE_BATCH_URL",
        "batch_url",
        optional_database,
        "",
        "PostgreSQL as carnet_batch, for batches.",
        secret=True,
    ),
    Variable(
        "CARNET_DATABASE_SEQUENCER_URL",
        "sequencer_url",
        optional_database,
        "",
        "PostgreSQL as carnet_sequencer, for the journal's sequencer.",
        secret=True,
    ),
    Variable(
        "CARNET_DATABASE_OVERSIGHT_URL",
        "oversight_url",
        optional_database,
        "",
        "PostgreSQL as carnet_oversight, for the search for misuse.",
        secret=True,
    ),
    Variable(
        "CARNET_JOURNAL_ORIGIN",
        "journal_origin",
        text,
        "",
        "Name of the public log, for ever; empty: the host of the public address, then /journal.",
    ),
    Variable(
        "CARNET_JOURNAL_WITNESSES",
        "journal_witnesses",
        text,
        "",
        "Witnesses of the log: `KEY ADDRESS` pairs separated by commas (docs/journal-format.md).",
    ),
    Variable(
        "CARNET_JOURNAL_QUORUM",
        "journal_quorum",
        optional_count,
        "",
        "Cosignatures a checkpoint needs to be published; empty: more than half of the witnesses.",
    ),
    Variable(
        "CARNET_JOURNAL_SIGNER",
        "journal_signer",
        optional,
        "",
        "Unix socket of the signer; empty: the sequencer starts one as its child (key in HOME/journal/signer).",
    ),
    Variable("CARNET_POOL_SIZE", "pool_size", some, "12", "Database connections of one process."),
    Variable(
        "CARNET_KEK", "kek", one_of("file", "transit"), "file", "Where the key-encryption key lives: file or transit."
    ),
    Variable("CARNET_KEK_FILE", "kek_file", optional, "", "Key file (mode 0600); empty: HOME/keys/kek.json."),
    Variable("CARNET_TRANSIT_URL", "transit_url", optional_url, "", "Vault/OpenBao address, with CARNET_KEK=transit."),
    Variable("CARNET_TRANSIT_KEY", "transit_key", text, "carnet", "Name of the transit key."),
    Variable(
        "CARNET_TRANSIT_TOKEN_FILE",
        "transit_token_file",
        optional,
        "",
        "File holding the Vault/OpenBao token; read again when refused.",
    ),
    Variable("CARNET_BLOBS", "blobs", one_of("file", "s3"), "file", "Where contents lie: file (HOME/blobs) or s3."),
    Variable("CARNET_S3_ENDPOINT", "s3_endpoint", optional_url, "", "S3 address, with CARNET_BLOBS=s3."),
    Variable("CARNET_S3_BUCKET", "s3_bucket", text, "carnet", "S3 bucket."),
    Variable("CARNET_S3_REGION", "s3_region", text, "fr-par", "S3 region."),
    Variable("CARNET_S3_KEY_ID", "s3_key_id", optional, "", "S3 access key id.", secret=True),
    Variable("CARNET_S3_SECRET", "s3_secret", optional, "", "S3 secret key.", secret=True),
    Variable(
        "CARNET_ACCEPTED_INS_OIDS",
        "ins_oids",
        oids,
        "1.2.250.1.213.1.4.8,1.2.250.1.213.1.4.9,1.2.250.1.213.1.4.10,1.2.250.1.213.1.4.11",
        "INS authorities trusted here; production drops the test ones (.10, .11).",
    ),
    Variable(
        "CARNET_SOFTWARE_DOCUMENT_BYTES",
        "software_document_bytes",
        some,
        "10485760",
        "Largest document from software.",
    ),
    Variable(
        "CARNET_PERSON_DOCUMENT_BYTES", "person_document_bytes", some, "5000000", "Largest document a person adds."
    ),
    Variable(
        "CARNET_FUTURE_SECONDS",
        "future_seconds",
        whole,
        "300",
        "How far a document's date may lie ahead of our clock before it is refused.",
    ),
    Variable(
        "CARNET_FRANCECONNECT_ISSUER", "franceconnect_issuer", optional_url, "", "OpenID issuer persons sign in with."
    ),
    Variable("CARNET_FRANCECONNECT_CLIENT_ID", "franceconnect_client_id", text, "carnet", "Our client id there."),
    Variable(
        "CARNET_FRANCECONNECT_SECRET", "franceconnect_secret", optional, "", "Our client secret there.", secret=True
    ),
    Variable(
        "CARNET_FRANCECONNECT_ACR",
        "franceconnect_acr",
        ordered,
        "eidas2,eidas3",
        "Levels of assurance that open health content to a person; the first is asked for.",
    ),
    Variable("CARNET_PSC_ISSUER", "psc_issuer", optional_url, "", "OpenID issuer professionals sign in with."),
    Variable("CARNET_PSC_CLIENT_ID", "psc_client_id", text, "carnet", "Our client id there."),
    Variable("CARNET_PSC_SECRET", "psc_secret", optional, "", "Our client secret there.", secret=True),
    Variable("CARNET_PROCONNECT_ISSUER", "proconnect_issuer", optional_url, "", "OpenID issuer agents sign in with."),
    Variable("CARNET_PROCONNECT_CLIENT_ID", "proconnect_client_id", text, "carnet", "Our client id there."),
    Variable("CARNET_PROCONNECT_SECRET", "proconnect_secret", optional, "", "Our client secret there.", secret=True),
    Variable(
        "CARNET_PROCONNECT_ACR",
        "proconnect_acr",
        ordered,
        "eidas2,eidas3,https://proconnect.gouv.fr/assurance/consistency-checked-2fa",
        "Levels that prove an agent's second factor; all are asked for.",
    ),
    Variable("CARNET_INS_SERVICE_URL", "ins_service_url", optional_url, "", "Address of the INS service."),
    Variable(
        "CARNET_CARD_SERVICE_URL",
        "card_service_url",
        optional_url,
        "",
        "Address of the service that knows Vitale cards; empty: a letter's code opens no space, FranceConnect does.",
    ),
    Variable(
        "CARNET_SMS_URL",
        "sms_url",
        optional_url,
        "",
        "Gateway for SMS (POST of `to` and `text` as JSON); empty: into HOME/sms, for development.",
    ),
    Variable("CARNET_SMS_TOKEN", "sms_token", optional, "", "Bearer token at the SMS gateway.", secret=True),
    Variable("CARNET_SMTP_HOST", "smtp_host", text, "127.0.0.1", "Relay for notices by e-mail."),
    Variable("CARNET_SMTP_PORT", "smtp_port", port, "2525", "Port of the relay."),
    Variable("CARNET_SMTP_TLS", "smtp_tls", switch, "no", "Whether to ask for STARTTLS."),
    Variable("CARNET_SMTP_USER", "smtp_user", optional, "", "User at the relay."),
    Variable("CARNET_SMTP_PASSWORD", "smtp_password", optional, "", "Password at the relay.", secret=True),
    Variable(
        "CARNET_NOTICE_GROUP_MINUTES",
        "notice_group_minutes",
        whole,
        "10",
        "How long after an e-mail about documents the next ones wait for one another; 0: one e-mail each.",
    ),
    Variable(
        "CARNET_MSS_DOMAIN",
        "mss_domain",
        text,
        "patient.carnet.invalid",
        "Domain of the persons' addresses (MSSanté).",
    ),
    Variable("CARNET_MSS_HOST", "mss_host", text, "127.0.0.1", "Address the mail gateway listens on."),
    Variable("CARNET_MSS_PORT", "mss_port", port, "8025", "Port the mail gateway listens on."),
    Variable(
        "CARNET_MSS_PEERS",
        "mss_peers",
        optional,
        "",
        "File of the operators of the trust space, read again when it changes; empty: nobody is let in.",
    ),
    Variable("CARNET_MSS_CERTIFICATE", "mss_certificate", optional, "", "Our certificate (PEM), towards operators."),
    Variable("CARNET_MSS_KEY", "mss_key", optional, "", "Key of our certificate (PEM file)."),
    Variable("CARNET_MSS_CA_FILE", "mss_ca_file", optional, "", "Authorities that sign operators' certificates (PEM)."),
    Variable("CARNET_MSS_RELAY_HOST", "mss_relay_host", text, "127.0.0.1", "Relay messages leave through."),
    Variable("CARNET_MSS_RELAY_PORT", "mss_relay_port", port, "25", "Port of that relay."),
    Variable("CARNET_MSS_RELAY_TLS", "mss_relay_tls", switch, "no", "Whether that relay is spoken to with STARTTLS."),
    Variable(
        "CARNET_MSS_DKIM_KEY", "mss_dkim_key", optional, "", "RSA key (PEM file) that signs what leaves; empty: none."
    ),
    Variable(
        "CARNET_MSS_DKIM_SELECTOR", "mss_dkim_selector", text, "carnet", "Name of that key in the DNS (`carnet dkim`)."
    ),
    Variable("CARNET_MSS_SOFTWARE", "mss_software", text, "", "Our software number (NIL) in `X-MSS-NIL`."),
    Variable(
        "CARNET_MSS_MESSAGE_BYTES", "mss_message_bytes", some, "20000000", "Largest message taken, as it travels."
    ),
    Variable(
        "CARNET_MSS_ATTACHMENT_BYTES",
        "mss_attachment_bytes",
        whole,
        "10000000",
        "Attachments of one message together.",
    ),
    Variable(
        "CARNET_MSS_HOURLY_PERSONS",
        "mss_hourly_persons",
        whole,
        "500",
        "How many persons one sender may address in an hour.",
    ),
    Variable(
        "CARNET_MSS_BIN_DAYS",
        "mss_bin_days",
        whole,
        "30",
        "How many days a conversation lies in the bin before it is deleted for good.",
    ),
    Variable("CARNET_MAIL_FROM", "mail_from", address, "ne-pas-repondre@carnet.invalid", "Sender of notices."),
    Variable(
        "CARNET_CLAMD",
        "clamd",
        optional,
        "",
        "clamd as host:port or a socket path; empty: documents are labelled not scanned.",
    ),
    Variable(
        "CARNET_PERSON_IDLE_MINUTES", "person_idle_minutes", some, "30", "A person's session ends after this silence."
    ),
    Variable(
        "CARNET_PRO_IDLE_MINUTES", "pro_idle_minutes", some, "20", "A professional's session ends after this silence."
    ),
    Variable(
        "CARNET_DESK_IDLE_MINUTES", "desk_idle_minutes", some, "15", "An agent's session ends after this silence."
    ),
    Variable(
        "CARNET_QUICK_EXIT",
        "quick_exit",
        page,
        "https://www.wikipedia.org/",
        "Ordinary public page the portal's quick exit leads to; it says nothing about who comes.",
    ),
    Variable(
        "CARNET_OBJECTION_DAYS",
        "objection_days",
        whole,
        "42",
        "From the sending of the information to the opening of a space (R1111-28 CSP).",
    ),
    Variable(
        "CARNET_SUSPENSION_DAYS",
        "suspension_days",
        whole,
        "42",
        "From a suspension to the closing nobody objected to (R1111-36 CSP).",
    ),
    Variable("CARNET_ARCHIVE_YEARS", "archive_years", whole, "10", "From closing to erasure (R1111-36, L1111-18 CSP)."),
    Variable(
        "CARNET_DELETION_MONTHS",
        "deletion_months",
        whole,
        "3",
        "From an express request to erasure, at the latest (R1111-36 CSP).",
    ),
    Variable(
        "CARNET_EXPORT_DAYS", "export_days", whole, "7", "How long a person's copy of their data can be downloaded."
    ),
    Variable(
        "CARNET_DELETION_DAYS",
        "deletion_days",
        whole,
        "30",
        "How long an express request may be cancelled; the erasure follows, never later than CARNET_DELETION_MONTHS.",
    ),
    Variable("CARNET_CAMPAIGN_BEGINS", "campaign_begins", optional_day, "", "First day of the campaign; empty: none."),
    Variable("CARNET_CODE_DAYS", "code_days", whole, "42", "Life of the code in the information letter."),
    Variable(
        "CARNET_LETTER_SENDER",
        "letter_sender",
        text,
        "Espace numérique de santé|BP 00000|75000 PARIS",
        "Sender on the information letters, lines separated by `|`.",
    ),
    Variable(
        "CARNET_TOKEN_MINUTES",
        "token_minutes",
        token_minutes,
        "5",
        "Life of an access token, 1 to 15: whoever left the directory is out by then.",
    ),
    Variable(
        "CARNET_LOG_LEVEL",
        "log_level",
        one_of("debug", "info", "warning", "error"),
        "info",
        "debug, info, warning or error.",
    ),
    Variable("CARNET_SANDBOX", "sandbox", switch, "no", "Whether simulators run beside (make run says yes)."),
    *(Variable(one.name, one.field, one.reader(), one.default, one.meaning) for one in (*BOUNDED, *FAMILIES)),
)
# fmt: on
