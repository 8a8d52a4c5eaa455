"""Folders that variables name: only absolute ones count, wherever they are looked for."""

from __future__ import annotations

import pytest

from mcpconf.artifacts.pypi_copies import uv_cache
from mcpconf.ports import Facts, OperatingSystem

HOME = {"linux": "/home/dev", "macos": "/Users/dev", "windows": "C:/Users/dev"}


def facts(system: OperatingSystem = "linux", **env: str) -> Facts:
    return Facts(system, HOME[system], "dev", "id", env)


@pytest.mark.parametrize("value", ["", "data", "./data", "../data", "~/data"])
def test_a_relative_path_names_none(value: str):
    here = facts(XDG_DATA_HOME=value, XDG_STATE_HOME=value, XDG_CACHE_HOME=value, UV_CACHE_DIR="")
    assert here.data_folder == "/home/dev/.local/share/mcpconf"
    assert here.state_folder == "/home/dev/.local/state/mcpconf"
    assert uv_cache(here) == "/home/dev/.cache/uv"
    windows = facts("windows", LOCALAPPDATA=value)
    assert windows.data_folder == windows.state_folder == "C:/Users/dev/AppData/Local/mcpconf"
    assert uv_cache(windows) == "C:/Users/dev/AppData/Local/uv/cache"


def test_an_absolute_path_names_one():
    assert facts(XDG_DATA_HOME="/srv/data/").data_folder == "/srv/data/mcpconf"
    assert facts("windows", LOCALAPPDATA="D:\\local").state_folder == "D:/local/mcpconf"
