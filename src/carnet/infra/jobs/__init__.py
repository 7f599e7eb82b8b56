"""Jobs in PostgreSQL (procrastinate) and the outbox: events deferred in the transaction that makes them true."""
