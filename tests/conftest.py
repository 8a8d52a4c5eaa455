"""Every test runs with a poisoned home and no way to the network."""

from __future__ import annotations

import os
import socket

import pytest
from hypothesis import HealthCheck, settings

settings.register_profile("mcpconf", deadline=None, suppress_health_check=[HealthCheck.too_slow], max_examples=60)
settings.load_profile("mcpconf")


class PoisonedNetworkError(RuntimeError):
    """A test reached for the network."""


@pytest.fixture(autouse=True, scope="session")
def _poisoned(tmp_path_factory: pytest.TempPathFactory):
    """HOME is a folder that nobody may read, and opening a socket to anything but this machine fails."""
    home = tmp_path_factory.mktemp("poisoned-home")
    home.chmod(0o500)
    kept = dict(os.environ)
    for name in [*os.environ]:
        if name.startswith(("XDG_", "CLAUDE_", "CODEX_", "CURSOR_", "MCPCONF_")) and name != "MCPCONF_CORPUS":
            del os.environ[name]
    for name in ("CI", "GITHUB_ACTIONS", "GITHUB_WORKSPACE", "CI_PROJECT_DIR"):
        os.environ.pop(name, None)
    os.environ |= {"HOME": str(home), "USERPROFILE": str(home), "NO_COLOR": "1", "COLUMNS": "100"}
    connect = socket.socket.connect

    def refuse(self, address):
        if self.family in (socket.AF_INET, socket.AF_INET6) and not address[0].startswith(("127.", "::1")):
            raise PoisonedNetworkError(address)
        return connect(self, address)

    socket.socket.connect = refuse
    yield
    socket.socket.connect = connect
    os.environ.clear()
    os.environ.update(kept)
