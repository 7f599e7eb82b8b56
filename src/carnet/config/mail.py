"""Where mail is handed over, from the settings."""

from carnet.config.settings import Settings
from carnet.infra.mail import MailSettings, Security


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
