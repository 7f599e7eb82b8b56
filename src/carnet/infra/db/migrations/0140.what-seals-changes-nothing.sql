-- What waits to be sealed is read and removed; nothing locks its rows any more, so nobody may change one.
SET LOCAL search_path = carnet;

REVOKE UPDATE ON journal_pending FROM carnet_sequencer;
