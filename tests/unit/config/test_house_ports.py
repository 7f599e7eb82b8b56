"""Two parts of the house never want one port: said in a sentence before anything starts."""

import pytest

from carnet.config.house_ports import PortTakenError, uses_of, wait_for_ports
from carnet.config.settings import read_settings


def test_each_part_has_its_port():
    uses = uses_of(read_settings({}))
    assert len(uses) == len({port for port, _ in uses}) > 5


def test_a_port_wanted_twice_is_named_with_both_uses():
    taken = next(port for port, use in uses_of(read_settings({})) if use == "messages")
    with pytest.raises(PortTakenError, match=rf"port {taken} \(messages, metrics\)"):
        wait_for_ports(read_settings({"CARNET_METRICS_PORT": str(taken)}))
