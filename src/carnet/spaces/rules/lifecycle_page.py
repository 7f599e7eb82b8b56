"""docs/lifecycle.md, drawn from the table of the life of a space: a page that cannot say something else."""

from carnet.kernel.life_delays import LifeDelays
from carnet.spaces.rules.lifecycle import TABLE, Delay, State, Transition

MEANINGS: dict[State, str] = {
    State.NOT_ELIGIBLE: "No qualified INS or rights ended (AME, visitors).",
    State.ELIGIBLE: "Rights opened or birth; nothing sent yet.",
    State.NOTIFIED: "Told at t0, by e-mail or post; may object; has a provisional code.",
    State.OPPOSED: "Objected; kept: the identity that was objected for, its proof, no address.",
    State.OPEN: "The space exists, its holder never came; professionals may feed it.",
    State.ACTIVE: "The holder came: terms accepted, settings chosen.",
    State.SUSPENDED: "By the operator, at t1: fraud or serious malfunction.",
    State.CLOSED: "Archived: no reading, no feeding, no mailbox.",
    State.DELETION_REQUESTED: "Closed, and an express deletion runs.",
    State.DELETED: "Keys destroyed; only the minimal proof is left.",
    State.DECEASED: "Sign-in blocked; heirs' procedure (decision 0199); archived from then.",
}
DELAYS = {
    "objection_days": ("CARNET_OBJECTION_DAYS", "R1111-28 CSP", "from the sending of the information to the opening"),
    "suspension_days": (
        "CARNET_SUSPENSION_DAYS",
        "R1111-36 CSP",
        "from a suspension to the closing nobody objected to",
    ),
    "archive_years": ("CARNET_ARCHIVE_YEARS", "R1111-36, L1111-18 CSP", "from closing or death to erasure"),
    "deletion_months": ("CARNET_DELETION_MONTHS", "R1111-36 CSP", "from an express request to erasure, at the latest"),
    "deletion_days": (
        "CARNET_DELETION_DAYS",
        "ours, within R1111-36 CSP",
        "how long an express request may be cancelled",
    ),
    "code_days": ("CARNET_CODE_DAYS", "mes.md §2.2 A2 (press)", "life of a provisional code"),
}
COUNTING = """\
Days are counted by the calendar and clock where the person lives (their département's time zone), from the instant of
sending to the same hour so many days later: a change to summer time in between neither shortens nor lengthens the
delay, and an hour that exists twice counts as the later. Months and years end on the same day, or on the last day of
the month (29 February + 10 years: 28 February). Overseas départements and territories have no summer time
(Saint-Pierre-et-Miquelon has its own): there 42 days are 42 × 24 hours, in Paris they may be an hour more or less."""


def lifecycle_page(made: str) -> str:
    """Return docs/lifecycle.md. made: the sentence that says how the page is made."""
    lines = ["# The life of a space", "", made, "", "```mermaid", "stateDiagram-v2", "  [*] --> ELIGIBLE"]
    lines += [
        f"  {source} --> {one.target}: {one.event}{_short(one.delay)}{_once(one)}"
        for one in TABLE
        for source in one.sources
        if one.target is not State.DECEASED
    ]
    lines += [
        "  DELETED --> [*]",
        "```",
        "",
        "Every state but DELETED may become DECEASED (`die`), left out above.",
        "",
    ]
    lines += ["", "| state | meaning | what may happen |", "|---|---|---|"]
    lines += [f"| `{state}` | {meaning} | {_leaving(state)} |" for state, meaning in MEANINGS.items()]
    lines += ["", "## Transitions", "", "| event | from | to | by | delay | what follows | law (CSP) |"]
    lines += ["|---|---|---|---|---|---|---|", *(_line(one) for one in TABLE), ""]
    lines += ["An event that already took place changes nothing and is no error; one that cannot take place changes"]
    lines += ["nothing and is refused. Before OPEN a state lives in `enrolment`, afterwards in `authz`. Where somebody"]
    lines += ["stood before a death is kept with it; where nobody knows, a death taken back leads to SUSPENDED or,"]
    lines += ["without a space, to OPPOSED (decision 0235)."]
    lines += ["", "## Delays", "", "| setting | default | counts | source |", "|---|---|---|---|"]
    lines += [
        f"| `{name}` | {getattr(LifeDelays(), field)} | {said} | {law} |" for field, (name, law, said) in DELAYS.items()
    ]
    return "\n".join([*lines, "", COUNTING]) + "\n"


def _leaving(state: State) -> str:
    return ", ".join(dict.fromkeys(f"`{one.event}`" for one in TABLE if state in one.sources)) or "—"


def _once(one: Transition) -> str:
    return f" (was {' or '.join(one.once)})" if one.once else ""


def _line(one: Transition) -> str:
    came = "any other" if len(one.sources) > len(State) // 2 else ", ".join(one.sources)
    effects = ", ".join(one.effects) or "—"
    came += _once(one)
    return f"| `{one.event}` | {came} | {one.target} | {one.by} | {_long(one.delay)} | {effects} | {one.law} |"


def _short(delay: Delay | None) -> str:
    if delay is None:
        return ""
    return f" ({'≤ ' if delay.at_latest else ''}{getattr(LifeDelays(), delay.setting)} {delay.unit})"


def _long(delay: Delay | None) -> str:
    return _short(delay).strip(" ()") or "—"
