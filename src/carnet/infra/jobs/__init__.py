"""Jobs in PostgreSQL (procrastinate) and the outbox: events deferred in the transaction that makes them true.

Import the module you need (`outbox` to publish, `handlers`, `worker`): the web must not load the worker.
"""
