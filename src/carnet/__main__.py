"""`python -m carnet`: the command line."""

from carnet.config.cli import app

if __name__ == "__main__":
    app()
