"""The words sent by the channel a person gave for what they keep apart: not even that it is about health.

No link, no name of the house, nothing to show to whoever looks over a shoulder. The sender of an e-mail is the house's.
"""

from carnet.notifications.rules.words import page, paragraphs

NEWS, CODE = "news", "code"
_WORDS = {
    (NEWS, "fr"): (
        "Une nouvelle pour vous",
        "Une nouvelle vous attend. Choisissez un moment tranquille pour vous connecter, comme d'habitude.",
    ),
    (NEWS, "en"): ("News for you", "News is waiting for you. Choose a quiet moment to sign in, as usual."),
    (CODE, "fr"): ("Votre code", "Votre code : {code}. Il vaut trente minutes. Ne le donnez à personne."),
    (CODE, "en"): ("Your code", "Your code: {code}. It lasts thirty minutes. Give it to nobody."),
}


def apart_words(kind: str, *, language: str, code: str = "") -> tuple[str, str]:
    """Return subject and sentence of `kind` in `language` ("fr" or "en"; French when unknown)."""
    subject, sentence = _WORDS[kind, "en" if language == "en" else "fr"]
    return subject, sentence.format(code=code)


def apart_page(subject: str, sentence: str, *, language: str) -> str:
    """Return the sentence as the HTML of an e-mail."""
    return page(subject, paragraphs(sentence), language="en" if language == "en" else "fr")
