"""Pages and JSON that show what was e-mailed."""

from typing import Any

from litestar import Request, Response, Router, delete, get
from litestar.params import FromPath

from carnet.sandbox.providers.mailbox import Mail, Mailbox
from carnet.sandbox.providers.pages import Pages, language_of

Asked = Request[Any, Any, Any]


def mailbox_router(mailbox: Mailbox, pages: Pages) -> Router:
    """`/mail` and `/mail/{id}` for people; `/mail.json` (GET, DELETE) for tests, newest first, `?q=` to search."""

    @get("/mail", sync_to_thread=True)
    def listing(request: Asked) -> Response[str]:
        search = request.query_params.get("q", "")
        return pages.answer(
            "mail_list.html", language=language_of(request), look=None, mails=mailbox.search(search), search=search
        )

    @get("/mail.json", sync_to_thread=True)
    def as_json(request: Asked) -> list[Mail]:
        return list(mailbox.search(request.query_params.get("q", "")))

    @delete("/mail.json", sync_to_thread=True)
    def forget() -> None:
        mailbox.clear()

    @get("/mail/{mail_id:str}", sync_to_thread=True)
    def one(request: Asked, mail_id: FromPath[str]) -> Response[str]:
        mail = mailbox.get(mail_id)
        status = 404 if mail is None else 200
        return pages.answer("mail.html", language=language_of(request), status=status, look=None, mail=mail)

    return Router(path="/", route_handlers=[listing, as_json, forget, one])
