"""What the desk does about representatives from the command line: record a guardian upon a document, end one."""

from collections.abc import Callable
from datetime import date, datetime, time, timedelta
from uuid import UUID

import cyclopts

from carnet.config.settings import Settings
from carnet.kernel.legal_day import PARIS

OID_NIR = "1.2.250.1.213.1.4.8"


def add_family_commands(app: cyclopts.App, settings: Callable[[], Settings]) -> None:
    """Add the commands to `app`. settings: reads the settings, when a command needs them."""
    family = cyclopts.App(name="family", help="Guardians and representatives: recorded and ended upon a document.")
    app.command(family)

    @family.command(name="record-guardian")
    def record(
        *,
        person: str,
        guardian: str,
        birth_name: str,
        given_name: str,
        born: str,
        measure: str,
        proof: str,
        until: date,
        oid: str = OID_NIR,
    ) -> None:
        """Let a guardian act for a protected adult until a day (included).

        --person, --guardian: matricules; --birth-name, --given-name, --born: of the guardian; --measure: tutelle,
        curatelle (looks, changes nothing) or habilitation; --proof: which document was seen; --oid: authority of
        both numbers.
        """
        from carnet.config import family_work

        last = datetime.combine(until + timedelta(days=1), time(), PARIS)
        who = (guardian, birth_name, given_name, born)
        raise SystemExit(family_work.finish(family_work.record(settings(), oid, person, who, measure, proof, last)))

    @family.command(name="bar-representative")
    def bar(
        *,
        person: str,
        representative: str,
        birth_name: str,
        given_name: str,
        born: str,
        proof: str,
        oid: str = OID_NIR,
    ) -> None:
        """Keep somebody from representing a child, before they ever came or from now on, upon a decision.

        --person, --representative: matricules; --birth-name, --given-name, --born: of the representative; --proof:
        which decision was seen (court, date, number); --oid: authority of both numbers.
        """
        from carnet.config import family_work

        who = (representative, birth_name, given_name, born)
        raise SystemExit(family_work.finish(family_work.bar(settings(), oid, person, who, proof)))

    @family.command(name="end-representative")
    def end(*, person: str, delegation: UUID, oid: str = OID_NIR) -> None:
        """End the delegation of a representative upon a decision that was shown. --delegation: named in the journal."""
        from carnet.config import family_work

        raise SystemExit(family_work.finish(family_work.end(settings(), oid, person, delegation)))
