"""Writing a lock."""

from __future__ import annotations

import pytest

from mcpconf.artifacts import UNSET
from mcpconf.errors import McpconfError
from mcpconf.model.lock import Lock, LockedServer
from mcpconf.supply.checking import check
from mcpconf.supply.locking import write_lock
from mcpconf.system.facts import real_machine


def test_a_lock_that_nobody_could_read_again_is_not_written(tmp_path, monkeypatch):
    monkeypatch.setattr("mcpconf.supply.locking.MAXIMUM_DOCUMENT_BYTES", 100)
    (tmp_path / "mcpconf.yaml").write_text('mcpconf: 1\nservers: {a: {url: "https://mcp.example.org/v1"}}\n')
    with pytest.raises(McpconfError, match="larger than 16 MB"):
        write_lock(
            check(str(tmp_path / "mcpconf.yaml"), real_machine().documents),
            Lock(servers={"a": LockedServer(input_digest=UNSET)}),
        )
    assert not (tmp_path / "mcpconf.lock").exists()
