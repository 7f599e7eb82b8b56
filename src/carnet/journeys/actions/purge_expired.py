"""What has served its time is forgotten: sign-in attempts, proofs already seen, ended sessions, old notifications,
codes and requests nobody answered.

The delays are those written beside each table (its `pii` comment). Journals, documents and keys are not touched here.
"""

from datetime import datetime, timedelta

from carnet.infra.db import Database, work
from carnet.journal.api import Act, record
from carnet.kernel.actors import Actor
from carnet.kernel.decisions import Ground, allow
from carnet.messaging.api import COLLEAGUE_MAIL_STAYS

# Longer than any clock difference tolerated when an assertion is checked: a proof is never forgotten while usable.
SKEW = timedelta(minutes=10)
SESSIONS = timedelta(days=30)
ASKED = timedelta(days=1)
NOTIFICATIONS = timedelta(days=2 * 365)
UNCLAIMED = timedelta(days=30)
CONTACTS = timedelta(days=365)
LETTERS = timedelta(days=3653)
PROOFS = timedelta(days=365)

_PURGES = {
    "login_attempt": "DELETE FROM login_attempt WHERE expires_at < %(now)s",
    "smart_ticket": "DELETE FROM smart_ticket WHERE expires_at < %(now)s",
    "assertion_seen": "DELETE FROM assertion_seen WHERE expires_at < %(usable)s",
    "login_code": "DELETE FROM login_code WHERE expires_at < %(now)s",
    "code_failure": "DELETE FROM code_failure WHERE until < %(now)s",
    "passkey": "DELETE FROM passkey WHERE ended_at < %(sessions)s",
    "own_password": "DELETE FROM own_password WHERE ended_at < %(sessions)s",
    "web_session": "DELETE FROM web_session WHERE least(ended_at, absolute_end) < %(sessions)s",
    "delegate_place": "DELETE FROM delegate_place WHERE until < %(now)s",
    "consent_code": "DELETE FROM consent_code WHERE expires_at < %(now)s",
    "emergency_waiting": "DELETE FROM emergency_waiting WHERE expires_at < %(now)s",
    "emergency_access": "DELETE FROM emergency_access WHERE granted_at IS NULL AND asked_at < %(asked)s",
    "screen_share": "DELETE FROM screen_share WHERE until < %(asked)s",
    "unclaimed_mail": "DELETE FROM unclaimed_mail WHERE received_at < %(unclaimed)s",
    "colleague_mail": """
    DELETE FROM colleague_mail WHERE received_at < %(colleagues)s AND state IN ('sent', 'told', 'done')
    """,
    "desk_proof": "DELETE FROM desk_proof WHERE at < %(letters)s",
    "desk_contact": """
    DELETE FROM desk_contact c WHERE began_at < %(contacts)s
      AND NOT EXISTS (SELECT FROM desk_proof p WHERE p.contact_id = c.contact_id)
    """,  # by its contact the letter is found when the space is erased
    "desk_ticket": "DELETE FROM desk_ticket WHERE left_at < %(contacts)s",
    "heirs_request": """
    UPDATE heirs_request SET proof_type = NULL, proof_enc = NULL
    WHERE answered_at < %(proofs)s AND proof_enc IS NOT NULL
    """,  # the scan only: the request stays as long as what it was about
    "death_contest": """
    WITH gone AS (DELETE FROM death_contest WHERE answered_at < %(letters)s)
    UPDATE death_contest SET proof_type = NULL, proof_enc = NULL
    WHERE answered_at < %(proofs)s AND answered_at >= %(letters)s AND proof_enc IS NOT NULL
    """,
    "guardianship_request": """
    WITH gone AS (DELETE FROM guardianship_request WHERE answered_at < %(letters)s)
    UPDATE guardianship_request SET proof_type = NULL, proof_enc = NULL
    WHERE answered_at < %(proofs)s AND answered_at >= %(letters)s AND proof_enc IS NOT NULL
    """,
    "notification": "DELETE FROM notification WHERE created_at < %(notifications)s",
}


async def purge_expired(*, actor: Actor, batch: Database, at: datetime) -> dict[str, int]:
    """Delete what is past its delay; return how many rows by table. batch: the database as carnet_batch."""
    limits = {
        "now": at,
        "usable": at - SKEW,
        "sessions": at - SESSIONS,
        "asked": at - ASKED,
        "notifications": at - NOTIFICATIONS,
        "unclaimed": at - UNCLAIMED,
        "colleagues": at - COLLEAGUE_MAIL_STAYS,
        "contacts": at - CONTACTS,
        "letters": at - LETTERS,
        "proofs": at - PROOFS,
    }
    async with work(space=None, at=at, database_=batch) as w:
        gone = {table: await w.execute(sql, limits) for table, sql in _PURGES.items()}
        if any(gone.values()):
            await record(w, Act.PURGE_EXPIRED, allow(Ground.DUTY), actor=actor, details=dict(gone))
    return gone
