"""The simulated operator of the trust space hands a professional's mail to Carnet's gateway: SMTP, nothing else."""

import contextlib
import smtplib
from email.message import EmailMessage

from carnet.sandbox.population.data import MSS_DOMAIN

PATIENCE = 20
KEPT = "250"
REFUSED = "ConnectionRefusedError"


def hand_over(mail: EmailMessage, port: int) -> str:
    """Give the message to Carnet; return its answer as an operator would log it, `250` when it is kept."""
    try:
        with contextlib.closing(smtplib.SMTP("127.0.0.1", port, timeout=PATIENCE)) as smtp:
            smtp.ehlo(f"mx.{MSS_DOMAIN}")
            refused = smtp.send_message(mail)
    except smtplib.SMTPResponseException as error:
        said = error.smtp_error
        return f"{error.smtp_code} {said.decode('utf-8', 'replace') if isinstance(said, bytes) else said}"
    except smtplib.SMTPRecipientsRefused as error:
        return str([code for code, _ in error.recipients.values()])
    except (smtplib.SMTPException, OSError) as error:
        return type(error).__name__
    return KEPT if not refused else str(refused)
