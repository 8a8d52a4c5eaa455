"""Folders that variables name: only absolute ones count, wherever they are looked for."""

from __future__ import annotations

import pytest

from mcpconf.artifacts import data_folder
from mcpconf.artifacts.pypi_copies import uv_cache
from mcpconf.documents.store import state_folder
from mcpconf.ports import Facts, OperatingSystem

HOME = {"linux": "/home/dev", "macos": "/Users/dev", "windows": "C:/Users/dev"}


def facts(system: OperatingSystem = "linux", **env: str) -> Facts:
    return Facts(system, HOME[system], "dev", "id", env)


@pytest.mark.parametrize("value", ["", "data", "./data", "../data", "~/data"])
def test_a_relative_path_names_none(value: str):
    here = facts(XDG_DATA_HOME=value, XDG_STATE_HOME=value, XDG_CACHE_HOME=value, UV_CACHE_DIR="")
    assert data_folder(here) == "/home/dev/.local/share/mcpconf"
    assert state_folder(here) == "/home/dev/.local/state/mcpconf"
    assert uv_cache(here) == "/home/dev/.cache/uv"
    windows = facts("windows", LOCALAPPDATA=value)
    assert data_folder(windows) == state_folder(windows) == "C:/Users/dev/AppData/Local/mcpconf"
    assert uv_cache(windows) == "C:/Users/dev/AppData/Local/uv/cache"


def test_an_absolute_path_names_one():
    assert data_folder(facts(XDG_DATA_HOME="/srv/data/")) == "/srv/data/mcpconf"
    assert state_folder(facts("windows", LOCALAPPDATA="D:\\local")) == "D:/local/mcpconf"
