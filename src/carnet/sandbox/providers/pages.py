"""Pages of the sandbox: one stylesheet, no script, French first and English too."""

from pathlib import Path
from typing import Any

import jinja2
import msgspec
from litestar import MediaType, Request, Response

from carnet.sandbox.providers.words import WORDS

FOLDER = Path(__file__).parent


class Look(msgspec.Struct, frozen=True, kw_only=True):
    """How one provider presents itself. key: also its path and the suffix of its cookie."""

    key: str
    name: str
    tagline_fr: str
    tagline_en: str
    scopes: list[str]


class Pages:
    """Renders the sandbox's templates; an undefined variable is a fault, not a blank."""

    def __init__(self) -> None:
        self._templates = jinja2.Environment(
            loader=jinja2.FileSystemLoader(FOLDER / "templates"),
            autoescape=True,
            undefined=jinja2.StrictUndefined,
            trim_blocks=True,
            lstrip_blocks=True,
        )

    def answer(
        self, template: str, *, language: str, status: int = 200, form_action: str = "'self'", **values: Any
    ) -> Response[str]:
        """One page. `form_action` lists where its forms may end up, redirects included."""
        body = self._templates.get_template(template).render(t=WORDS[language], language=language, **values)
        policy = (
            "default-src 'none'; style-src 'self'; img-src 'self'; base-uri 'none'; frame-ancestors 'none'; "
            f"form-action {form_action}"
        )
        return Response(
            body,
            status_code=status,
            media_type=MediaType.HTML,
            headers={
                "Content-Security-Policy": policy,
                "Cache-Control": "no-store",
                "X-Content-Type-Options": "nosniff",
                "Referrer-Policy": "no-referrer",
            },
        )


def language_of(request: Request[Any, Any, Any]) -> str:
    """`en` when the page's address or the browser asks for English before French; `fr` otherwise."""
    asked = request.query_params.get("ui_locales") or request.headers.get("accept-language") or "fr"
    for part in asked.replace(" ", ",").split(","):
        if part[:2].lower() in WORDS:
            return part[:2].lower()
    return "fr"
