"""Which folders count as somebody's home."""

from __future__ import annotations

from pathlib import Path

from mcpconf.system.people import _owns


def test_a_home_is_a_folder_of_its_user(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    assert _owns(str(tmp_path), tmp_path.stat().st_uid)
    assert not _owns(str(tmp_path), 54321)
    assert not _owns(str(tmp_path / "file"), tmp_path.stat().st_uid)
    assert not _owns(str(tmp_path / "none"), 1)


def test_a_home_that_cannot_be_looked_at_is_there() -> None:
    assert _owns("/" + "x" * 300, 1)
