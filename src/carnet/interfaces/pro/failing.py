"""Every refusal and failure as a page a professional understands, with the same words whatever was not found."""

from typing import Final

from carnet.design.failing import Failing
from carnet.interfaces.pro.page import DOOR
from carnet.interfaces.pro.presenters.troubles import present_trouble

FAILING: Final = Failing(door=DOOR, entrance="/pro", trouble_page=present_trouble)
on_refusal, on_http_error, on_crash = FAILING.on_refusal, FAILING.on_http_error, FAILING.on_crash
trouble = FAILING.trouble
