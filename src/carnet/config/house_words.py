"""What `carnet run` tells a newcomer once everything answers: where to go, who to be, what programs read."""

from typing import Any

import msgspec

from carnet.config.sandbox_addresses import sandbox_url
from carnet.config.settings import Settings

PERSONS = 3
PROFESSIONALS = 2


def welcome(settings: Settings) -> str:
    """Return the welcome; reads HOME/sandbox.json, raises OSError when it is not there."""
    path = settings.home / "sandbox.json"
    manifest: dict[str, Any] = msgspec.json.decode(path.read_bytes())
    lines = [
        "",
        f"  Your health space   {settings.base_url}",
        f"  For professionals   {settings.base_url}/pro",
        f"  For the help desk   {settings.base_url}/guichet",
        f"  What was e-mailed   {sandbox_url(settings)}/mail",
        f"  Letters, and SMS    {sandbox_url(settings)}/courrier (refuse a space, or open it: no account needed)",
        f"  Professionals' mail {sandbox_url(settings)}/mss",
        "",
        "  Nobody here is real. Sign in by choosing who to be, no password; for example:",
    ]
    persons = [one for one in manifest["persons"] if one["account"] and not one["letter"]][:PERSONS]
    carers = manifest["professionals"][:PROFESSIONALS]
    lines += [f"    {one['login']:<14} {one['name']}" for one in persons]
    lines += [f"    {one['login']:<14} {one['name']}, {one['profession_label']} (for professionals)" for one in carers]
    lines += [f"    {one['login']:<14} {one['name']}, {one['about_en']}" for one in manifest["agents"]]
    lines += [
        "",
        f"  For programs: {path} (addresses, keys, people)",
        f"  Logs: {settings.home / 'logs'}",
        "  Ctrl-C stops everything; the data stays.",
        "",
    ]
    return "\n".join(lines)
