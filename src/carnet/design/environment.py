"""Builds the template environment a door renders with: strict, escaped, in one language.

One environment per door and language: the door's templates come first, the shared ones after. Deliberately ignores
requests: whatever a page shows is passed to `render`.
"""

import hashlib
from collections.abc import Sequence
from functools import lru_cache
from pathlib import Path

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup

from carnet.design.folding import FoldingEnvironment
from carnet.design.language import Code, Language
from carnet.design.qr import qr

ROOT = Path(__file__).parent
TEMPLATES = ROOT / "templates"
STATIC = ROOT / "static"
STATIC_PREFIX = "/static"
ICONS = "icons.svg"


@lru_cache(maxsize=256)
def static_address(name: str) -> str:
    """Return the address of a static file with a short content hash, so that it may be cached for a year."""
    digest = hashlib.sha256((STATIC / name).read_bytes()).hexdigest()[:12]
    return f"{STATIC_PREFIX}/{name}?v={digest}"


def make_environment(*, language: Code, doors: Sequence[Path] = (), locales: Sequence[Path] = ()) -> Environment:
    """Return an environment speaking `language`.

    doors: folders of door templates, searched before the design's own; locales: folders with the doors' English
    (`en/LC_MESSAGES/carnet.po`). Undefined variables raise, everything is escaped.
    """
    speech = Language(code=language, locales=locales)
    environment = FoldingEnvironment(
        loader=FileSystemLoader([*doors, TEMPLATES]),
        autoescape=True,
        undefined=StrictUndefined,
        extensions=["jinja2.ext.i18n"],
        auto_reload=False,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.said = speech.gettext
    environment.policies["ext.i18n.trimmed"] = True
    environment.install_gettext_callables(  # type: ignore[attr-defined]  # put there by the i18n extension
        speech.gettext, speech.ngettext, newstyle=True
    )
    environment.filters.update(
        long_date=speech.long_date,
        short_date=speech.short_date,
        month=speech.month,
        time=speech.time,
        moment=speech.moment,
        size=speech.size,
        number=speech.number,
    )
    environment.globals.update(
        language=language,
        static=static_address,
        icon=icon,
        drawing=drawing,
        qr=qr,
    )
    return environment


def icon(name: str, label: str = "") -> Markup:
    """An icon of the sprite: decorative unless `label` gives it a spoken name."""
    return _symbol(name, label, css="icon")


def drawing(name: str) -> Markup:
    """A small line illustration of the sprite, always decorative."""
    return _symbol(f"d-{name}", "", css="drawing")


@lru_cache(maxsize=1024)
def _symbol(name: str, label: str, *, css: str) -> Markup:
    spoken = Markup(' role="img" aria-label="{}"').format(label) if label else Markup(' aria-hidden="true"')
    return Markup('<svg class="{} {}-{}"{} focusable="false"><use href="{}#{}"/></svg>').format(
        css, css, name, spoken, static_address(ICONS), name
    )
