"""`python -m carnet`: the command line. Ctrl-C ends it without a word, however early it comes."""

import signal
import sys

INTERRUPTED = 128 + signal.SIGINT

try:
    from carnet.config.cli import app

    if __name__ == "__main__":
        app()
except KeyboardInterrupt:
    sys.exit(INTERRUPTED)
