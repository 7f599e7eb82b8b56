"""The children of `carnet run` never outlive it: `python -m carnet.config.lifeline COMMAND…` runs a command that ends
when whoever started it is gone, however it went (kill -9, out of memory).

The parent holds the writing end of a pipe that is the child's standard input; when the kernel closes it, reading ends.
Works on every Unix. Processes forked later (the web server's) watch the same pipe. It ignores what the command does.
"""

import os
import signal
import threading
import time

GRACE_SECONDS = 25


def hold() -> None:
    """Stop this process (SIGTERM; SIGKILL of its group after GRACE_SECONDS) once standard input ends."""
    _watch()
    os.register_at_fork(after_in_child=_watch)


def _watch() -> None:
    threading.Thread(target=_wait, name="lifeline", daemon=True).start()


def _wait() -> None:
    try:
        while os.read(0, 1):
            pass
    except OSError:
        pass  # a closed descriptor says the same as its end
    os.kill(os.getpid(), signal.SIGTERM)
    time.sleep(GRACE_SECONDS)
    os.killpg(0, signal.SIGKILL)


if __name__ == "__main__":
    hold()
    from carnet.config.cli import app  # watched before the long imports

    app()
