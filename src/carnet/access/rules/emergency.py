"""Which mode is in force for this session? Read from what was granted and the person's switches, never from a header.

Sources: CSP L1111-17, R1111-48; mes.md P7, P8, §3.2. A switch turned off ends an access under way: the grant of thirty
minutes is a ceiling, the person's refusal is read again at each decision.
"""

from datetime import datetime

from carnet.access.data import Mode, SpaceFacts
from carnet.kernel.decisions import Ground

GROUNDS = {Mode.BRIS_DE_GLACE: Ground.BRIS_DE_GLACE, Mode.CENTRE_15: Ground.CENTRE_15}


def mode_in_force(facts: SpaceFacts, *, at: datetime) -> Mode:
    """Return the mode this session is in: normal unless an emergency was granted to it and the person lets it."""
    granted = facts.emergency
    if granted is None or not granted.in_force(at) or not allowed_by_person(facts, granted.mode):
        return Mode.NORMAL
    return granted.mode


def allowed_by_person(facts: SpaceFacts, mode: Mode) -> bool:
    """Tell whether the person's switches let an emergency of that kind in."""
    switches = {Mode.BRIS_DE_GLACE: facts.allow_bris_de_glace, Mode.CENTRE_15: facts.allow_centre_15}
    return switches.get(mode, False)
