"""PostgreSQL: the pool, the unit of work that sets the space, migrations, the embedded server."""

from carnet.infra.db.database import Database
from carnet.infra.db.work import Work, rows_in_one_trip, system_work, work

__all__ = ["Database", "Work", "rows_in_one_trip", "system_work", "work"]
