"""Codes of the moment on their way: by e-mail or SMS, in the person's language, saying nothing about health."""

from datetime import datetime

from carnet.identity.api import Channel
from carnet.infra import randomness
from carnet.infra.mail import Mail, MailTransport
from carnet.infra.sms import SmsSender

_WORDS = {
    "fr": (
        "Votre code de connexion",
        "Votre code : {code}. Il vaut dix minutes. Ne le donnez à personne : nous ne le demandons jamais.",
    ),
    "en": (
        "Your sign-in code",
        "Your code: {code}. It lasts ten minutes. Give it to nobody: we never ask for it.",
    ),
}


class CodePost:
    """Sends codes. mail: the house's transport; sms: a gateway, or a folder."""

    def __init__(self, *, mail: MailTransport, sms: SmsSender) -> None:
        self._mail, self._sms = mail, sms

    async def send(self, *, channel: Channel, to: str, code: str, language: str, at: datetime) -> None:
        """Hand one code over. Raises MailRefused, SmsRefused or Unavailable."""
        subject, sentence = _WORDS["en" if language == "en" else "fr"]
        text = sentence.format(code=code)
        if channel is Channel.SMS:
            await self._sms.send(to=to, text=f"Carnet. {text}")
            return
        html = f'<!doctype html><html lang="{language}"><body><p>{text}</p></body></html>'
        key = f"code-{randomness.uuid4()}"
        await self._mail.send(
            Mail(to=to, subject=subject, text=f"{text}\n", html=html, language=language, message_key=key), at=at
        )
