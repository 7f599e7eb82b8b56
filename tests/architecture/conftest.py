"""What the checks read, a thousand files of syntax, is given back when this folder is done: every garbage collection
of the tests that follow would walk through it.
"""

from architecture.findings import nodes, sources


def pytest_runtest_teardown(item, nextitem):
    if nextitem is None or nextitem.path.parent != item.path.parent:
        sources.cache_clear()
        nodes.cache_clear()
