"""The command line: run, serve, migrate, and what an operator does by hand."""

import asyncio
import os
import sys
from pathlib import Path

import cyclopts
import msgspec

from carnet.config.agent_commands import add_agent_commands
from carnet.config.campaign_commands import add_campaign_commands
from carnet.config.cases_commands import add_cases_commands
from carnet.config.family_commands import add_family_commands
from carnet.config.journal_commands import add_journal_commands
from carnet.config.leaving_commands import add_leaving_commands
from carnet.config.mail_commands import add_mail_commands
from carnet.config.matrix_commands import add_matrix_command
from carnet.config.settings import Settings, SettingsError, read_settings
from carnet.config.text_commands import add_text_commands

app = cyclopts.App(name="carnet", help="An open health space for a whole country.", version_flags=["--version"])
software = cyclopts.App(name="software", help="Care software: register, suspend, reinstate.")
directory = cyclopts.App(name="directory", help="The health directory.")
app.command(software)
app.command(directory)


def settings(*, alone: bool = False) -> Settings:
    """Return the settings, or end with every problem in one message.

    A house that runs on an embedded server says where in HOME/running.json, so that commands in another shell reach
    it; `alone` ignores that.
    """
    environ = dict(os.environ)
    running = Path(environ.get("CARNET_HOME", "var")) / "running.json"
    if not alone and running.exists():
        environ = msgspec.json.decode(running.read_bytes(), type=dict[str, str]) | environ
    try:
        return read_settings(environ)
    except SettingsError as error:
        sys.stderr.write(f"{error}\n")
        raise SystemExit(2) from error


add_journal_commands(app, settings)
add_agent_commands(app, settings)
add_leaving_commands(app, settings)
add_campaign_commands(app, settings)
add_family_commands(app, settings)
add_mail_commands(app, settings)


@app.command
def run() -> None:
    """Start everything on this machine, with a demo population."""
    from carnet.config.run import run as run_house

    raise SystemExit(run_house(settings(alone=True)))


@app.command
def web() -> None:
    """Serve the web doors (CARNET_DATABASE_URL must be set)."""
    from carnet.config.serve import serve

    serve(settings())


@app.command
def worker() -> None:
    """Hand events to their handlers and do what is due (CARNET_DATABASE_URL must be set)."""
    import uvloop

    from carnet.config.wiring import work_until_stopped

    uvloop.run(work_until_stopped(settings()))


@app.command
def mail() -> None:
    """Receive mail from the operators of the trust space (CARNET_DATABASE_URL must be set)."""
    import uvloop

    from carnet.config.mail_gateway import receive_mail

    uvloop.run(receive_mail(settings()))


@app.command
def migrate(*, gradual: bool = False, finish: bool = False) -> None:
    """Bring the database schema up to date, as the owner.

    --gradual: beside the traffic of a large base; then, once every web and worker is restarted, --finish: what only the
    version before needed is taken away.
    """
    from carnet.infra.db.migrate import finish as finished
    from carnet.infra.db.migrate import migrate as apply

    owner = settings().owner_url or ""
    applied = finished(owner) if finish else apply(owner, gradual=gradual)
    sys.stdout.write("\n".join(applied) + "\n" if applied else "Up to date.\n")
    if gradual and applied:
        sys.stdout.write("Restart every web and worker, then run: carnet migrate --finish\n")


@app.command
def docs() -> None:
    """Write the pages made from the code (settings, acts, tables, audiences, capabilities, the diagram)."""
    from carnet.config.docs import write_pages

    for path in write_pages():
        sys.stdout.write(f"{path}\n")


@app.command(name="check-runtime")
def check_runtime() -> None:
    """Name the standard-library security fixes this interpreter lacks."""
    from carnet.config.runtime import main

    main()


@software.command(name="register")
def register(*, client_id: str, name: str, finess: str, jwks: Path, scopes: str = "system/DocumentReference.c") -> None:
    """Register a care software with its organisation (FINESS) and its public keys (a JWKS file)."""
    from carnet.config.operator import register_software_command

    keys = msgspec.json.decode(jwks.read_bytes())
    asyncio.run(
        register_software_command(
            settings(), client_id=client_id, name=name, finess=finess, jwks=keys, scopes=tuple(scopes.split())
        )
    )


@software.command(name="pages")
def register_pages(*, client_id: str, launch_url: str, redirect_uri: list[str]) -> None:
    """Let the pages of a registered software be launched (SMART App Launch); each address exactly as it is used."""
    from carnet.config.operator import register_app_command

    asyncio.run(
        register_app_command(settings(), client_id=client_id, launch_url=launch_url, redirect_uris=tuple(redirect_uri))
    )


@software.command
def suspend(client_id: str) -> None:
    """Suspend a software: its tokens die at the next request."""
    from carnet.config.operator import software_status_command

    asyncio.run(software_status_command(settings(), client_id=client_id, active=False))


@software.command
def reinstate(client_id: str) -> None:
    """Let a suspended software work again."""
    from carnet.config.operator import software_status_command

    asyncio.run(software_status_command(settings(), client_id=client_id, active=True))


@directory.command(name="import")
def import_feed(feed: Path) -> None:
    """Import organisations and professionals from a JSON feed."""
    from carnet.config.operator import import_directory_command

    asyncio.run(import_directory_command(settings(), feed.read_bytes()))


sandbox = cyclopts.App(name="sandbox", help="Simulators and the demo population. Everybody in it is fictitious.")
app.command(sandbox)


@sandbox.command(name="serve")
def serve_sandbox() -> None:
    """Serve the simulators (identity providers, INS service, mailbox)."""
    from carnet.config.sandbox_house import serve_simulators

    serve_simulators(settings())


@sandbox.command
def seed() -> None:
    """Prepare the demo population once: spaces, authorisations, documents through the real door."""
    from carnet.config.sandbox_house import seed as prepare

    raise SystemExit(asyncio.run(prepare(settings())))


@sandbox.command
def send(*paths: Path, client: str | None = None, person: str | None = None, create_people: bool = False) -> None:
    """Send CDA or PDF files, or folders of them, to a running Carnet as a care software would.

    --client: client id of sandbox.json; --person: login of the persona a PDF is about; --create-people: open a space
    for people the files name and who have none.
    """
    from carnet.config.sandbox_house import send as send_paths

    raise SystemExit(send_paths(settings(), paths, client=client, person=person, create=create_people))


@sandbox.command
def token(client: str | None = None) -> None:
    """Print a fresh access token of a sandbox software (for curl)."""
    from carnet.config.sandbox_house import print_token

    raise SystemExit(print_token(settings(), client=client))


keys = cyclopts.App(name="keys", help="Key-encryption key: rotate, retire.")
app.command(keys)


@keys.command
def rotate() -> None:
    """Make a new key-encryption key and wrap every key with it (safe to interrupt and repeat)."""
    from carnet.config.operator import rotate_keys_command

    asyncio.run(rotate_keys_command(settings()))


@keys.command
def retire(key: int) -> None:
    """Forget an old key-encryption key once nothing is wrapped with it any more."""
    from carnet.config.operator import retire_key_command

    asyncio.run(retire_key_command(settings(), key=key))


@app.command(name="collect-blobs")
def collect_blobs() -> None:
    """Remove the bytes of deposits that never finished (the worker does it every hour)."""
    from carnet.config.operator import collect_blobs_command

    asyncio.run(collect_blobs_command(settings()))


add_text_commands(app, settings)
add_cases_commands(app, settings)
add_matrix_command(app, settings)


@app.command(name="dead-letters")
def dead_letters(*, retry: int | None = None) -> None:
    """List events that could not be handled; --retry ID hands one over again."""
    from carnet.config.operator import dead_letters_command

    asyncio.run(dead_letters_command(settings(), retry=retry))


@app.command(name="identity-flags")
def identity_flags() -> None:
    """List deposits whose identity traits differed without being refused."""
    from carnet.config.operator import flags_command

    asyncio.run(flags_command(settings()))
