"""The web server of a house, imported once and forked whenever asked: for tests that kill it many times.

Run as a program. Reads `start` and `kill` from standard input, answers with a line. What runs is `carnet web` itself.
"""

import contextlib
import os
import signal
import sys


def main() -> None:
    from carnet.config.settings import read_settings

    settings = read_settings()
    metrics = settings.home / "metrics"
    metrics.mkdir(parents=True, exist_ok=True)
    os.environ["PROMETHEUS_MULTIPROC_DIR"] = str(metrics)
    import carnet.config.application  # noqa: F401 - imported before the fork: that is the point
    from carnet.config.serve import serve

    child = 0
    answer("loaded")
    for line in sys.stdin:
        if line.strip() == "start":
            child = started(lambda: serve(settings))
        else:
            if child:
                with contextlib.suppress(ProcessLookupError):
                    os.killpg(child, getattr(signal, line.strip()))
                os.waitpid(child, 0)
            child = 0
        answer(str(child))


def started(run) -> int:
    child = os.fork()
    if child:
        return child
    os.setsid()
    nothing = os.open(os.devnull, os.O_RDWR)
    os.dup2(nothing, 0)
    os.dup2(2, 1)
    try:
        run()
    finally:
        os._exit(0)


def answer(word: str) -> None:
    sys.stdout.write(f"{word}\n")
    sys.stdout.flush()


if __name__ == "__main__":
    main()
