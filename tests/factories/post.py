"""SMTP peers on loopback: a good one, and those one meets on bad days. Real protocol, real sockets."""

import asyncio
import contextlib
import email
import email.policy
from collections.abc import AsyncIterator
from email.message import EmailMessage

from aiosmtpd.smtp import SMTP

from carnet.infra.mail import MailSettings, MailTransport, Security

_NO = {
    "later": "451 4.3.0 later",
    "never": "550 5.1.1 no such mailbox",
    "stranger": "554 5.7.1 you do not write for them",
}


class Post:
    """What was received. `mood` decides what the server does with the next message.

    "good" takes it; "later" and "never" refuse the recipient (451, 550), "stranger" whoever writes (554 5.7.1); "full"
    and "infected" refuse the content (552, 554); "slow" thinks for longer than anyone waits; "dies" takes the content
    and hangs up without a word.
    """

    def __init__(self) -> None:
        self.mood = "good"
        self.welcome: tuple[str, ...] = ()  # taken whatever the mood
        self.raw: list[bytes] = []
        self.recipients: list[str] = []
        self.taken = asyncio.Event()

    @property
    def messages(self) -> list[EmailMessage]:
        return [email.message_from_bytes(raw, policy=email.policy.default) for raw in self.raw]

    async def handle_RCPT(self, server, session, envelope, address, rcpt_options):  # noqa: N802 - aiosmtpd's names
        if self.mood in _NO and address not in self.welcome:
            return _NO[self.mood]
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, server, session, envelope):  # noqa: N802
        if self.mood == "full":
            return "552 5.2.2 mailbox full"
        if self.mood == "infected":
            return "554 5.7.1 a virus"
        if self.mood == "slow":
            await asyncio.sleep(30)
        self.raw.append(envelope.content)
        self.recipients += envelope.rcpt_tos
        self.taken.set()
        if self.mood == "dies":
            server.transport.abort()
        return "250 OK"


@contextlib.asynccontextmanager
async def post_office(*, tls_context=None, require_starttls=False, port=0) -> AsyncIterator[tuple[Post, int]]:
    """A running server; yields what it receives and its port (`port` when it must be that one)."""
    post, protocols = Post(), []

    def protocol():
        protocols.append(
            SMTP(
                post,
                enable_SMTPUTF8=True,
                hostname="post.test",
                tls_context=tls_context if require_starttls else None,
                require_starttls=require_starttls,
                loop=asyncio.get_running_loop(),
            )
        )
        return protocols[-1]

    loop = asyncio.get_running_loop()
    server = await loop.create_server(protocol, "127.0.0.1", port, ssl=None if require_starttls else tls_context)
    try:
        yield post, server.sockets[0].getsockname()[1]
    finally:
        server.close()
        for one in protocols:
            if one.transport is not None:
                one.transport.abort()
            if one._handler_coroutine is not None:
                one._handler_coroutine.cancel()
                with contextlib.suppress(asyncio.CancelledError, Exception):
                    await one._handler_coroutine


@contextlib.asynccontextmanager
async def mute_server() -> AsyncIterator[int]:
    """A server that accepts connections and never says a word; yields its port."""
    writers = []

    async def listen(reader, writer):
        writers.append(writer)
        await reader.read()

    server = await asyncio.start_server(listen, "127.0.0.1", 0)
    try:
        yield server.sockets[0].getsockname()[1]
    finally:
        server.close()
        for writer in writers:
            writer.transport.abort()


def transport_to(port: int, *, wait: float = 2.0, **changes) -> MailTransport:
    """A transport to a server on this machine."""
    changes = {"security": Security.NONE, **changes}
    return MailTransport(
        MailSettings(host="127.0.0.1", port=port, sender="ne-pas-repondre@carnet.test", wait=wait, **changes)
    )
