"""Which modules are mutated, and which tests meet their mutants, in rounds: the fast that prove most go first.

Every module of the rules of access, the vault and the journal that has anything to change is here and in
docs/mutants.md (tests/architecture/test_mutants.py). What only holds data has no mutant; SQL is text, and no mutant
either: that of access has its conditions dropped one by one in tests/matrix.
"""

Rounds = tuple[tuple[str, ...], ...]

_J, _V = "tests/unit/journal", "tests/unit/infra/vault"
_HOUSE = "tests/integration/journal"
_CRASHES, _TAMPERING, _BEGUN = (f"{_HOUSE}/test_{one}.py" for one in ("crashes", "tampering", "begin_log"))
_VERIFIER = (f"{_J}/test_verifier.py",)
_QUICK_VERIFIER = (*_VERIFIER, "-k", "not canonical_json and not ten_thousand")
_ROWS = (f"{_J}/test_rows.py",)
_KEY_FILES: Rounds = ((f"{_V}/test_house_files.py", f"{_V}/test_key_files.py"), (_V,))
_ORACLE = "tests/matrix/test_decide_against_the_oracle.py"
# the tests that drop conditions drop those of the module as it is: they say nothing of a mutant
_DECISION: Rounds = (
    ("tests/unit/access", f"{_ORACLE}::test_everything_agrees_on_a_sample"),
    (_ORACLE, "-k", "agrees or always"),
    (
        "tests/matrix/test_decide_and_sql_agree.py",
        "tests/matrix/test_versions_as_known.py",
        "tests/matrix/test_forbidden_readers.py",
        "-k",
        "not dropped and not turned and not spares",
    ),
    ("tests/matrix/test_whole_table.py",),
)
MODULES: dict[str, Rounds] = {
    "carnet.journal.rules.merkle": (
        (f"{_J}/test_merkle.py",),
        (f"{_J}/test_tree.py", f"{_J}/test_witness.py"),
        _QUICK_VERIFIER,
    ),
    "carnet.journal.rules.notes": (
        (f"{_J}/test_notes.py", f"{_J}/test_tree.py", "-k", "test_notes or note"),
        (f"{_J}/test_witness.py",),
        _QUICK_VERIFIER,
    ),
    "carnet.journal.rules.leaves": ((f"{_J}/test_leaves.py", f"{_J}/test_tree.py"), _VERIFIER),
    "carnet.journal.rules.misuse": ((f"{_J}/test_misuse.py",),),
    "carnet.journal.log.tiles": ((f"{_J}/test_tiles.py",), (f"{_J}/test_tree.py", f"{_J}/test_published.py")),
    "carnet.journal.log.memory": ((f"{_J}/test_witness.py",),),
    "carnet.journal.log.witness": ((f"{_J}/test_witness.py",),),
    "carnet.journal.log.alarms": ((f"{_J}/test_alarms.py",),),
    "carnet.journal.log.monitor": ((f"{_J}/test_monitor.py",),),
    "carnet.journal.log.parties": ((f"{_J}/test_signer.py", f"{_J}/test_witness_line.py"),),
    "carnet.journal.log.reading": ((f"{_J}/test_reading.py",),),
    "carnet.journal.log.sequencer": ((f"{_J}/test_sequencer.py",), (_CRASHES, _TAMPERING, _BEGUN)),
    "carnet.journal.log.signer": ((f"{_J}/test_signer.py",), (f"{_J}/test_sequencer.py",)),
    "carnet.journal.log.statement": ((f"{_J}/test_statement.py",),),
    "carnet.journal.log.view": ((f"{_J}/test_reading.py",),),
    "carnet.journal.actions.begin_log": ((_BEGUN,),),
    "carnet.journal.actions.keep_time": (("tests/integration/spaces/test_clock_ahead.py",),),
    "carnet.journal.actions.oversight": (_ROWS, (f"{_HOUSE}/test_oversight.py",)),
    "carnet.journal.actions.record": (
        (f"{_J}/test_record.py", f"{_J}/test_receipts.py"),
        (f"{_HOUSE}/test_sealing.py",),
    ),
    "carnet.journal.actions.seal": (
        (f"{_J}/test_seal.py",),
        (f"{_HOUSE}/test_sealing.py", _CRASHES),
        (f"{_HOUSE}/test_telling.py", _TAMPERING),
    ),
    "carnet.journal.queries.audit": (_ROWS, (_BEGUN,), (_TAMPERING, "-k", "sealed or moved or secret or swapped")),
    "carnet.journal.queries.entries": (_ROWS, (f"{_HOUSE}/test_telling.py",)),
    "carnet.journal.queries.proof": (_ROWS, (f"{_HOUSE}/test_telling.py",)),
    "carnet.journal.receipts": ((f"{_J}/test_receipts.py",),),
    "carnet.journal.verify_journal": (
        (f"{_J}/test_verifier_bounds.py",),
        (*_VERIFIER, "-k", "not changed and not agree and not json and not thousand and not never and not page"),
        (f"{_J}/test_tree.py", *_QUICK_VERIFIER),
        (*_VERIFIER,),
    ),
    "carnet.infra.vault.encoding": ((f"{_V}/test_encoding.py",), (_V,)),
    "carnet.infra.vault.frames": ((f"{_V}/test_space_keys.py",), (_V,)),
    "carnet.infra.vault.space_keys": ((f"{_V}/test_space_keys.py", f"{_V}/test_keysets.py"), (_V,)),
    "carnet.infra.vault.key_ring": ((f"{_V}/test_key_ring.py",), (_V,)),
    "carnet.infra.vault.key_file": _KEY_FILES,
    "carnet.infra.vault.file_kek": _KEY_FILES,
    "carnet.infra.vault.house_key": _KEY_FILES,
    "carnet.infra.vault.index_key": _KEY_FILES,
    "carnet.infra.vault.rotation": ((f"{_V}/test_keysets.py",),),
    "carnet.infra.vault.tink_keysets": ((f"{_V}/test_house_files.py", f"{_V}/test_keysets.py"), (_V,)),
    "carnet.infra.vault.transit_kek": ((f"{_V}/test_transit.py", "-k", "not slow"), (f"{_V}/test_transit.py",)),
    "carnet.access.data": _DECISION,
    "carnet.access.rules.lines": _DECISION,
    "carnet.access.rules.emergency": _DECISION,
    "carnet.access.rules.own_rules": _DECISION,
    "carnet.access.rules.professional": _DECISION,
    "carnet.access.rules.decide": _DECISION,
    "carnet.access.rules.heirs": ((_ORACLE, "-k", "dead"), *_DECISION),
    "carnet.access.rules.heirs_requests": (("tests/unit/access",),),
    "carnet.access.rules.matrix": (("tests/unit/access", "tests/matrix/test_habilitations.py"), *_DECISION[1:]),
    "carnet.access.rules.delegating": (("tests/unit/access",),),
    "carnet.access.rules.explaining": (("tests/unit/access",),),
}
PRELOADED = (
    "pytest",
    "hypothesis.strategies",
    "hypothesis.stateful",
    "cryptography.hazmat.primitives.asymmetric.ed25519",
    "cryptography.hazmat.primitives.ciphers.aead",
    "msgspec.json",
    "psycopg_pool",
    "psycopg.types.json",
    "tink.aead",
    "tink.prf",
    "hvac",
    "httpx",
    "litestar.testing",
    "structlog",
    "playwright.async_api",
    "xdist.scheduler.loadscope",
    "faker",
    "obstore",
    "psutil",
    "yoyo.migrations",
)
"""What tests import that is not ours, plugins aside: the process every mutant is forked from has it already."""
