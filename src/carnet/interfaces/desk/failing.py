"""Every refusal and failure as a page an agent understands, with the same words whatever was not found."""

from typing import Final

from carnet.design.failing import Failing
from carnet.interfaces.desk.page import DOOR
from carnet.interfaces.desk.presenters.troubles import present_trouble

FAILING: Final = Failing(door=DOOR, entrance="/guichet", trouble_page=present_trouble)
on_refusal, on_http_error, on_crash = FAILING.on_refusal, FAILING.on_http_error, FAILING.on_crash
trouble = FAILING.trouble
