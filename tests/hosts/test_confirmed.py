"""What real hosts confirmed is of the versions that the suite installs, and the rows name them."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from mcpconf.system.sources import bundled_rows
from tests.hosts.real.installed import PINS, RUNTIME

CONFIRMED = json.loads((Path(__file__).parent / "confirmed.json").read_text("utf-8"))


def test_every_host_that_is_installed_confirmed_in_that_version():
    pinned = {name: pin.version for name, pin in PINS.items() if name != RUNTIME}
    assert {name: told["version"] for name, told in CONFIRMED.items()} == pinned


@pytest.mark.parametrize("host", sorted(CONFIRMED))
def test_the_row_names_the_version_that_confirmed_it(host):
    assert CONFIRMED[host]["version"] in bundled_rows()[host].checked.replace(",", " ").split()


@pytest.mark.parametrize("host", sorted(CONFIRMED))
def test_the_name_of_a_server_and_more_was_compared(host):
    told = CONFIRMED[host]
    assert {"name", "transport"} < set(told["compared"]), told
    assert told["by"]
