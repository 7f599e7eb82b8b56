"""Where mail and text messages are handed over, from the settings."""

from pathlib import Path

from carnet.config.settings import Settings
from carnet.infra.mail import MailSettings, MailTransport, Security
from carnet.infra.sms import FolderSms, HttpSms, SmsSender
from carnet.spaces.api import Telling


def mail_settings(settings: Settings) -> MailSettings:
    """Return where notices are handed over."""
    return MailSettings(
        host=settings.smtp_host,
        port=settings.smtp_port,
        sender=settings.mail_from,
        security=Security.STARTTLS if settings.smtp_tls else Security.NONE,
        username=settings.smtp_user,
        password=settings.smtp_password,
    )


def telling_of(settings: Settings, folder: Path | None = None) -> Telling:
    """Return how the campaign tells people. folder: where files of letters go; None: HOME/letters."""
    return Telling(
        site=settings.base_url,
        folder=folder or settings.home / "letters",
        sender="\n".join(settings.letter_sender.split("|")),
        transport=MailTransport(mail_settings(settings)),
    )


def sms_sender(settings: Settings) -> SmsSender:
    """Return what sends text messages: the gateway, or a folder where there is none (development)."""
    if settings.sms_url:
        return HttpSms(settings.sms_url, token=settings.sms_token or "")
    return FolderSms(settings.home / "sms")
