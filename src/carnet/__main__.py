"""`python -m carnet`: the command line. Ctrl-C ends it without a word, however early it comes; what Carnet refuses, or
cannot do now, is said in one sentence.
"""

import signal
import sys

from carnet.kernel.errors import CarnetError

INTERRUPTED = 128 + signal.SIGINT
WHERE = "Is the house running? Commands find it by CARNET_HOME (the folder it runs on) or CARNET_DATABASE_URL."


def told(error: CarnetError) -> str:
    """Return what stopped a command, for whoever typed it."""
    said = [one.en for one in error.problems] or [str(error)]
    if any(one.code == "database-unavailable" for one in error.problems):
        said.append(WHERE)
    return "\n".join(said) + "\n"


if __name__ == "__main__":
    try:
        from carnet.config.cli import app

        app()
    except KeyboardInterrupt:
        sys.exit(INTERRUPTED)
    except CarnetError as error:
        sys.stderr.write(told(error))
        sys.exit(1)
