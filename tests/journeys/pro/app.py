"""The professional's door alone, on a house named by the environment. `python -m journeys.pro.app`."""

import contextlib

from granian import Granian
from granian.constants import Interfaces

from carnet.config.connect import connected
from carnet.config.settings import read_settings
from factories.at_work import make_app

SETTINGS = read_settings()


@contextlib.asynccontextmanager
async def lifespan(_):
    async with connected(SETTINGS, name="pro-pages"):
        yield


def create():
    return make_app(SETTINGS.base_url, lifespan=[lifespan])


if __name__ == "__main__":
    Granian(
        "journeys.pro.app:create",
        address="127.0.0.1",
        port=SETTINGS.port,
        interface=Interfaces.ASGI,
        factory=True,
        log_enabled=False,
    ).serve()
