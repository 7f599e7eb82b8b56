"""What served its time is forgotten, not a day earlier; the operator sees numbers and ids, and nothing else."""

import datetime as dt
from hashlib import sha256
from uuid import UUID, uuid4

import psycopg
import pytest

from carnet.infra.db import work
from carnet.infra.jobs.outbox import publish
from carnet.journeys.actions import purge_expired as purging
from carnet.journeys.api import (
    ErasureList,
    list_dead_letters,
    list_identity_flags,
    purge_expired,
    upkeep_schedules,
)
from carnet.records.api import DocumentDeleted
from factories.events import as_owner, empty_queue
from factories.world import AT, OPERATOR, give, make_person, make_professional, make_software

DAY = dt.timedelta(days=1)
NOW = AT + 800 * DAY


def plant(house, doctor, *, expires, ended, created):
    """One row of each kind at the given times; returns how to recognise them."""
    mark, account, session = uuid4().bytes, uuid4(), uuid4()
    with as_owner(house) as conn:
        space = conn.execute("SELECT space_id FROM space LIMIT 1").fetchone()[0]
        conn.execute("INSERT INTO login_attempt VALUES (%s, 'x', %s)", (mark, expires))
        conn.execute("INSERT INTO smart_ticket VALUES (%s, 'code', 'x', %s)", (mark, expires))
        conn.execute("INSERT INTO assertion_seen VALUES ('c', %s, %s)", (mark.hex(), expires))
        conn.execute("INSERT INTO code_failure VALUES (%s, 1, %s)", (mark, expires))
        conn.execute(
            "INSERT INTO account (account_id, kind, issuer, subject_digest, space_id, created_at, last_login_at)"
            " VALUES (%s, 'person', 'i', %s, %s, %s, %s)",
            (account, mark, space, AT, AT),
        )
        conn.execute(
            "INSERT INTO web_session (session_digest, account_id, door, sealed, created_at, last_seen_at,"
            " authenticated_at, absolute_end, ended_at, device, public_id)"
            " VALUES (%s, %s, 'portal', 'x', %s, %s, %s, %s, %s, '', %s)",
            (mark, account, AT, AT, AT, NOW + DAY, ended, session),
        )
        conn.execute(
            "INSERT INTO colleague_mail (mail_id, addressee, about, received_at, peer, sender_domain, destination,"
            " size, state, changed_at, sealed)"
            " VALUES (%s, '', ARRAY[''::bytea], %s, 'chu', 'a', 'b', 1, 'sent', %s, 'x')",
            (session, ended or NOW, AT),
        )
        conn.execute(
            "INSERT INTO unclaimed_mail (mail_id, addressed, received_at, peer, sender_domain, size, sealed)"
            " VALUES (%s, ARRAY[''::bytea], %s, 'chu', 'chu.invalid', 1, 'x')",
            (session, ended or NOW),
        )
        conn.execute(
            "INSERT INTO notification (space_id, notification_id, code, created_at, event_key)"
            " VALUES (%s, %s, 'AJOUT_DOCUMENT', %s, %s)",
            (space, session, created, mark.hex()),
        )
        conn.execute(
            "INSERT INTO agent VALUES (gen_random_uuid(), 'P-1', 'agent', 'p@a', 'p', 'd', %s) ON CONFLICT DO NOTHING",
            (AT,),
        )
        place = "INSERT INTO delegate_place VALUES (%s, %s, 'carer', 'x', true, %s)"
        conn.execute(place, (mark * 2, mark, expires))
        contact = "INSERT INTO desk_contact (contact_id, agent, channel, began_at) VALUES (%s, 'P-1', 'phone', %s)"
        conn.execute(contact, (session, expires - 365 * DAY))
        conn.execute(contact, (UUID(bytes=mark), expires - 400 * DAY))
        ticket = (
            "INSERT INTO desk_ticket (ticket_id, desk, ins_digest, script, reason, left_by, left_at, due_at)"
            " VALUES (%s, 'd', %s, 'lost-access', 'proof', 'P-1', %s, %s)"
        )
        conn.execute(ticket, (session, mark, expires - 365 * DAY, expires))
        letter = "INSERT INTO desk_proof VALUES (%s, %s, %s, 'application/pdf', 'x')"
        conn.execute(letter, (session, UUID(bytes=mark), expires - 3653 * DAY))
        conn.execute(
            "INSERT INTO heirs_request (request_id, place, heir, capacity, motive, physician, request_enc, proof_type,"
            " proof_enc, asked_by, asked_at, answer, reason, answered_by, answered_at) VALUES (%s, %s, %s, 'heir',"
            " 'causes', %s, 'x', 'application/pdf', 'x', 'P-1', %s, 'refused', 'person-refused', 'P-1', %s)",
            (session, space, mark * 2, doctor.rpps, AT, expires - 365 * DAY),
        )
        digest = sha256(mark).digest()
        contest = (
            "INSERT INTO death_contest (contest_id, ins_digest, asker, shown, person_enc, proof_type, proof_enc,"
            " asked_by, asked_at, answer, answered_by, answered_at) VALUES (%s, %s, 'person', '{passport}', 'x',"
            " 'application/pdf', 'x', 'P-1', %s, 'taken-back', 'P-2', %s)"
        )
        second = "INSERT INTO agent VALUES (gen_random_uuid(), 'P-2', 'agent', 'p2@a', 'p2', 'd', %s)"
        conn.execute(f"{second} ON CONFLICT DO NOTHING", (AT,))
        conn.execute(contest, (session, digest, AT, expires - 365 * DAY))
        conn.execute(contest, (UUID(bytes=mark), digest, AT, expires - 3653 * DAY))
        guarded = (
            "INSERT INTO guardianship_request (request_id, ins_digest, guardian, asker, shown, measure, file_enc,"
            " proof_type, proof_enc, asked_by, asked_at, answer, answered_by, answered_at) VALUES (%s, %s, %s,"
            " 'person', '{passport}', 'tutelle', 'x', 'application/pdf', 'x', 'P-1', %s, 'granted', 'P-2', %s)"
        )
        conn.execute(guarded, (session, digest, digest, AT, expires - 365 * DAY))
        conn.execute(guarded, (UUID(bytes=mark), digest, digest, AT, expires - 3653 * DAY))
        conn.execute("INSERT INTO login_code VALUES (%s, 'x', %s, %s)", (mark, AT, expires))
        conn.execute(
            "INSERT INTO passkey (credential_digest, public_id, account_id, sealed, signatures, created_at,"
            " usable_from, ended_at) VALUES (%s, %s, %s, '', 0, %s, %s, %s)",
            (digest, session, account, AT, AT, ended),
        )
        conn.execute(
            "INSERT INTO own_password (account_id, login_digest, public_id, sealed, created_at, usable_from, ended_at)"
            " VALUES (%s, %s, %s, '', %s, %s, %s)",
            (account, digest, session, AT, AT, ended),
        )
        code = "INSERT INTO consent_code (space_id, code_id, digest, made_at, expires_at) VALUES (%s, %s, %s, %s, %s)"
        conn.execute(code, (space, session, mark, AT, expires))
        shared = "INSERT INTO screen_share (space_id, share_id, began_at, until) VALUES (%s, %s, %s, %s)"
        conn.execute(shared, (space, session, AT, expires - DAY / 2))
        conn.execute(
            "INSERT INTO emergency_waiting VALUES (%s, 'x', %s, %s, %s, %s)",
            (mark.hex(), doctor.organisation, doctor.rpps, AT, expires),
        )
        asked = (
            "INSERT INTO emergency_access (space_id, emergency_id, mode, rpps, session, reason_enc, asked_at,"
            " granted_at, ends_at) VALUES (%s, %s, 'bris_de_glace', %s, 's', 'x', %s, %s, %s)"
        )
        conn.execute(asked, (space, session, doctor.rpps, expires - DAY / 2, None, None))
        conn.execute(asked, (space, UUID(bytes=mark), doctor.rpps, AT, AT, AT + DAY / 24))
    return mark, session


def is_granted_kept(house, planted):
    """What was granted, however long ago, stays."""
    with as_owner(house) as conn:
        found = conn.execute("SELECT 1 FROM emergency_access WHERE emergency_id = %s", (UUID(bytes=planted[0]),))
        return found.fetchone() is not None


def left(house, planted):
    mark, session = planted
    with as_owner(house) as conn:
        return {
            "login_attempt": conn.execute("SELECT count(*) FROM login_attempt WHERE state_digest = %s", (mark,)),
            "smart_ticket": conn.execute("SELECT count(*) FROM smart_ticket WHERE ticket_digest = %s", (mark,)),
            "assertion_seen": conn.execute("SELECT count(*) FROM assertion_seen WHERE jti = %s", (mark.hex(),)),
            "code_failure": conn.execute("SELECT count(*) FROM code_failure WHERE source = %s", (mark,)),
            "web_session": conn.execute("SELECT count(*) FROM web_session WHERE public_id = %s", (session,)),
            "notification": conn.execute("SELECT count(*) FROM notification WHERE notification_id = %s", (session,)),
            "consent_code": conn.execute("SELECT count(*) FROM consent_code WHERE code_id = %s", (session,)),
            "screen_share": conn.execute("SELECT count(*) FROM screen_share WHERE share_id = %s", (session,)),
            "login_code": conn.execute("SELECT count(*) FROM login_code WHERE attempt_digest = %s", (mark,)),
            "passkey": conn.execute("SELECT count(*) FROM passkey WHERE public_id = %s", (session,)),
            "own_password": conn.execute("SELECT count(*) FROM own_password WHERE public_id = %s", (session,)),
            "unclaimed_mail": conn.execute("SELECT count(*) FROM unclaimed_mail WHERE mail_id = %s", (session,)),
            "colleague_mail": conn.execute("SELECT count(*) FROM colleague_mail WHERE mail_id = %s", (session,)),
            "delegate_place": conn.execute("SELECT count(*) FROM delegate_place WHERE place_id = %s", (mark,)),
            "desk_proof": conn.execute("SELECT count(*) FROM desk_proof WHERE proof_id = %s", (session,)),
            "with its letter": conn.execute(
                "SELECT count(*) FROM desk_contact WHERE contact_id = %s", (UUID(bytes=mark),)
            ),
            "desk_contact": conn.execute("SELECT count(*) FROM desk_contact WHERE contact_id = %s", (session,)),
            "desk_ticket": conn.execute("SELECT count(*) FROM desk_ticket WHERE ticket_id = %s", (session,)),
            "heirs_request": conn.execute(
                "SELECT count(proof_enc) FROM heirs_request WHERE request_id = %s", (session,)
            ),
            "death_contest": conn.execute(
                "SELECT count(proof_enc) FROM death_contest WHERE contest_id = %s", (session,)
            ),
            "contests of ten years": conn.execute(
                "SELECT count(*) FROM death_contest WHERE contest_id = %s", (UUID(bytes=mark),)
            ),
            "guardianship_request": conn.execute(
                "SELECT count(proof_enc) FROM guardianship_request WHERE request_id = %s", (session,)
            ),
            "guardians of ten years": conn.execute(
                "SELECT count(*) FROM guardianship_request WHERE request_id = %s", (UUID(bytes=mark),)
            ),
            "emergency_waiting": conn.execute(
                "SELECT count(*) FROM emergency_waiting WHERE handle = %s", (mark.hex(),)
            ),
            "emergency_access": conn.execute(
                "SELECT count(*) FROM emergency_access WHERE emergency_id = %s", (session,)
            ),
        }.items()


def counts(house, planted):
    return {table: cursor.fetchone()[0] for table, cursor in left(house, planted)}


def entries(house):
    with as_owner(house) as conn:
        rows = conn.execute(
            "SELECT details FROM security_entry WHERE act = 'purge-expired' AND details ? 'web_session'"
        )
        return [details for (details,) in rows]


async def test_each_kind_goes_when_its_time_is_over(house, batch):
    await make_person()
    old = plant(house, await make_professional(), expires=NOW - DAY, ended=NOW - 31 * DAY, created=NOW - 731 * DAY)
    young = plant(house, await make_professional(), expires=NOW + DAY, ended=NOW - 29 * DAY, created=NOW - 729 * DAY)
    open_session = plant(house, await make_professional(), expires=NOW + DAY, ended=None, created=NOW)
    before = entries(house)
    gone = await purge_expired(actor=OPERATOR, batch=batch, at=NOW)
    assert set(counts(house, old).values()) == {0}
    assert set(counts(house, young).values()) == {1}
    assert set(counts(house, open_session).values()) == {1}
    assert all(count >= 1 for count in gone.values())
    assert is_granted_kept(house, old)
    assert await purge_expired(actor=OPERATOR, batch=batch, at=NOW) == dict.fromkeys(gone, 0)
    # the run that did nothing left no entry; others of this house may have left theirs
    assert [traced for traced in entries(house) if traced not in before] == [gone]


async def test_a_proof_is_remembered_a_little_longer_than_it_lasts(house, batch):
    await make_person()
    planted = plant(house, await make_professional(), expires=NOW - dt.timedelta(minutes=1), ended=None, created=NOW)
    await purge_expired(actor=OPERATOR, batch=batch, at=NOW)
    assert counts(house, planted)["assertion_seen"] == 1
    assert dt.timedelta(minutes=5) <= purging.SKEW


async def test_the_schedules_run_as_the_batch_role(house, batch, tmp_path):
    blob = uuid4()
    with as_owner(house) as conn:
        conn.execute("DELETE FROM deposit_intent")
        conn.execute("INSERT INTO deposit_intent (blob_id, noted_at) VALUES (%s, %s)", (blob, AT))
    schedules = upkeep_schedules(batch=batch, listed=ErasureList(tmp_path / "erasures"))
    for schedule in schedules:
        await schedule.run(at=NOW)
    names = {"count-indicators", "expire-exports", "carry-out-due", "release-due", "purge-expired", "collect-orphans"}
    names |= {"empty-bins"}
    assert {schedule.name for schedule in schedules} == names
    with as_owner(house) as conn:
        assert conn.execute("SELECT count(*) FROM deposit_intent").fetchone() == (0,)
        signed = conn.execute(
            "SELECT actor_kind, actor_id FROM security_entry WHERE act = 'collect-orphans'"
        ).fetchall()
    assert ("system", "collect-orphans") in signed


@pytest.mark.parametrize(
    "sql",
    [
        "SELECT summary_enc FROM document",
        "SELECT resource_enc FROM document",
        "SELECT type_code FROM document",
        "SELECT document_id FROM notification",
        "SELECT code FROM notification",
        "SELECT person_enc FROM space",
        "SELECT act FROM journal_entry",
        "SELECT details FROM security_entry",
        "UPDATE document SET flags = '{}'",
        "DELETE FROM document",
        "DELETE FROM journal_entry",
        "DELETE FROM security_entry",
        "INSERT INTO deposit_intent VALUES (gen_random_uuid(), '2026-01-01')",
        "UPDATE deposit_intent SET noted_at = '2026-01-01'",
        "SELECT sealed FROM web_session WHERE false FOR UPDATE",
    ],
)
async def test_the_batch_role_reaches_no_text_and_no_trace(house, batch, sql):
    with pytest.raises(psycopg.errors.InsufficientPrivilege):
        async with work(space=None, at=AT, database_=batch) as w:
            await w.execute(sql)


async def test_identity_flags_are_counts_and_ids(house, batch):
    person, software = await make_person(), await make_software()
    receipt = await give(person, by=software)
    document = receipt.documents[0].document_id
    with as_owner(house) as conn:
        conn.execute(
            "UPDATE document SET flags = ARRAY['given_names', 'birth_place'] WHERE document_id = %s", (document,)
        )
    flags = await list_identity_flags(actor=OPERATOR, batch=batch, at=AT)
    mine = [flag for flag in flags.newest if flag.document == document]
    assert [(flag.space, flag.flags, flag.client_id) for flag in mine] == [
        (person.space, ("given_names", "birth_place"), software.client_id)
    ]
    assert flags.counts["given_names"] >= 1
    shown = repr(flags)
    assert person.ins.matricule not in shown
    assert person.traits.birth_name not in shown
    with as_owner(house) as conn:
        assert conn.execute("SELECT count(*) FROM security_entry WHERE act = 'list-identity-flags'").fetchone()[0] >= 1


async def test_dead_letters_say_what_kind_and_never_whose(house):
    empty_queue(house)
    space, document = uuid4(), uuid4()
    async with work(space=None, at=AT) as w:
        await publish(w, DocumentDeleted(space=space, document=document, at=AT, by_person=False))
    with as_owner(house) as conn:
        conn.execute("UPDATE procrastinate_jobs SET status = 'failed'")
    (letter,) = await list_dead_letters(at=AT)
    assert letter.event == "DocumentDeleted"
    assert str(space) not in repr(letter)
    assert str(document) not in repr(letter)
    empty_queue(house)
