"""From a presenter's page to an answer: the frame around it, its language, its notice. Decides nothing.

`show` takes the `handle` of the open patient and the `current` tab for the frame.
"""

from typing import Final

from carnet.design.door import Door, Notices
from carnet.interfaces.pro.presenters.notices import NOTICES
from carnet.interfaces.pro.presenters.shell import present_shell
from carnet.interfaces.pro.setting import WORDS

DOOR: Final = Door(words=WORDS, notices=Notices(cookie="avis-pro", path="/pro", words=NOTICES), frame=present_shell)
show, done = DOOR.show, DOOR.done
