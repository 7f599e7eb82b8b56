"""From a presenter's page to an answer: the frame around it, its language, its notice. Decides nothing."""

from typing import Final

from carnet.design.door import Door, Notices
from carnet.interfaces.desk.presenters.notices import NOTICES
from carnet.interfaces.desk.presenters.shell import present_shell
from carnet.interfaces.desk.setting import WORDS

DOOR: Final = Door(
    words=WORDS, notices=Notices(cookie="avis-guichet", path="/guichet", words=NOTICES), frame=present_shell
)
show, done = DOOR.show, DOOR.done
