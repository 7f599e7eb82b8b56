"""Commands of the opening campaign. Light: every command of `carnet` reads this, and loads only what it carries out."""

import re
import sys
from collections.abc import Callable
from pathlib import Path

import cyclopts
from cyclopts.types import ExistingFile, ResolvedExistingDirectory

from carnet.config.settings import Settings

_KEY = re.compile(rb"information-([0-9a-f]{40})@")


def add_campaign_commands(app: cyclopts.App, settings: Callable[[], Settings]) -> None:
    """Add the commands to `app`. settings: reads the settings, when a command needs them."""
    campaign = cyclopts.App(name="campaign", help="The opening of spaces for everyone: import, notify, open.")
    app.command(campaign)
    _add_import_dmp(campaign, settings)
    _add_open(campaign, settings)

    @campaign.command(name="import")
    def import_file(
        file: ExistingFile, *, rejects: Path | None = None, lines: int | None = None, workers: int = 2
    ) -> None:
        """Import the insurer's file (CSV or Parquet; docs/campaign-format.md), or go on where it was left.

        --rejects: where refused lines are listed (default: FILE.rejets.csv); --lines: how many people the insurer says
        the file holds; --workers: processes that read and seal.
        """
        from carnet.config import campaign_work

        listed = rejects or file.with_name(f"{file.name}.rejets.csv")
        done = campaign_work.import_file(settings(), file, listed, expected=lines, workers=workers)
        raise SystemExit(campaign_work.finish(done))

    @campaign.command
    def notify(*, out: Path, most: int = 1_000_000, departement: list[str] | None = None) -> None:
        """Tell people where the calendar says so: e-mail where there is one, letters into the folder OUT otherwise.

        The worker does it every hour of the day, into HOME/letters. --departement: only these of those whose day has
        come; --most: people told in this run, within the quotas of the day.
        """
        from carnet.config import campaign_work

        raise SystemExit(campaign_work.finish(campaign_work.notify(settings(), departement, out, most)))

    @campaign.command
    def letters(*, out: Path) -> None:
        """Write into the folder OUT the letters asked for at the desk: a new code each, to the insurer's address."""
        from carnet.config import campaign_work

        raise SystemExit(campaign_work.finish(campaign_work.letters(settings(), out)))

    @campaign.command
    def bounces(*files: ExistingFile) -> None:
        """Read e-mails that came back (files with their headers): a letter follows, and the delay starts again."""
        from carnet.config import campaign_work

        keys = sorted({found.decode() for file in files for found in _KEY.findall(file.read_bytes())})
        raise SystemExit(campaign_work.finish(campaign_work.bounces(settings(), keys)))

    @campaign.command
    def status() -> None:
        """Say how many people are in each state."""
        from carnet.config import campaign_work

        raise SystemExit(campaign_work.finish(campaign_work.status(settings())))


def _add_open(campaign: cyclopts.App, settings: Callable[[], Settings]) -> None:
    @campaign.command(name="open")
    def open_(*, workers: int = 2, clock_is_right: bool = False) -> None:
        """Open every space whose delay is over (the worker does it every day).

        --clock-is-right: although it is more than a week ahead of the last time the house ran.
        """
        from carnet.config import campaign_work

        opening = campaign_work.open_due(settings(), workers, clock_is_right=clock_is_right)
        raise SystemExit(campaign_work.finish(opening))


def _add_import_dmp(campaign: cyclopts.App, settings: Callable[[], Settings]) -> None:
    @campaign.command(name="import-dmp")
    def import_dmp(folder: ResolvedExistingDirectory, *, rejects: Path | None = None, at_once: int = 4) -> None:
        """Carry earlier records (DMP) over into open spaces: the IHE_XDM archives (*.zip) below FOLDER.

        --rejects: where refused archives and documents are listed (default: FOLDER.rejets.csv); --at-once: archives
        carried over at the same time. Safe to interrupt and to run again.
        """
        from carnet.config import campaign_dmp, campaign_work

        whole = folder.resolve()
        if not whole.is_dir():
            sys.stderr.write(f"{folder} is not a folder.\n")
            raise SystemExit(1)
        listed = rejects or whole.with_name(f"{whole.name}.rejets.csv")
        done = campaign_dmp.import_dmp(settings(), folder, listed, at_once=at_once)
        raise SystemExit(campaign_work.finish(done))
