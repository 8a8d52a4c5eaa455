from __future__ import annotations

import stat
from pathlib import Path

import pytest

from mcpconf.errors import McpconfError
from mcpconf.system.sources import replace_document


def test_a_document_keeps_its_mode_and_the_link_that_leads_to_it(tmp_path: Path, monkeypatch) -> None:
    real = tmp_path / "real.yaml"
    real.write_bytes(b"a\r\n")
    real.chmod(0o640)
    (tmp_path / "mcpconf.yaml").symlink_to("real.yaml")
    monkeypatch.chdir(tmp_path)
    replace_document("mcpconf.yaml", b"a\r\n", b"b\r\n")
    assert real.read_bytes() == b"b\r\n"
    assert stat.S_IMODE(real.stat().st_mode) == 0o640
    assert (tmp_path / "mcpconf.yaml").is_symlink()
    assert sorted(path.name for path in tmp_path.iterdir()) == ["mcpconf.yaml", "real.yaml"]


def test_a_document_that_was_changed_meanwhile_stays(tmp_path: Path) -> None:
    file = tmp_path / "mcpconf.yaml"
    file.write_bytes(b"theirs")
    with pytest.raises(McpconfError) as caught:
        replace_document(str(file), b"before", b"after")
    assert (caught.value.code, caught.value.problems[0].kind) == (4, "stale")
    assert file.read_bytes() == b"theirs"
    with pytest.raises(McpconfError):
        replace_document(str(tmp_path / "none"), b"", b"after")
    assert [path.name for path in tmp_path.iterdir()] == ["mcpconf.yaml"]


@pytest.mark.skipif(not Path("/proc/version").exists(), reason="needs a file in a folder that takes no new ones")
def test_a_document_that_cannot_be_written_says_so() -> None:
    with pytest.raises(McpconfError) as caught:
        replace_document("/proc/version", Path("/proc/version").read_bytes(), b"after")
    assert (caught.value.code, caught.value.problems[0].kind) == (1, "write")
    assert "could not be written" in caught.value.problems[0].message
