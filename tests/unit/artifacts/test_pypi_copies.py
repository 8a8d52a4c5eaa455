"""Where a package lies that a host would start by its name: caches of uv, tools, pipx, and what pip installed for a user."""

from collections.abc import Iterable
from pathlib import Path

import pytest

from mcpconf.artifacts import UNSET, pypi
from mcpconf.artifacts.pypi_copies import copies
from mcpconf.model.lock import LockedServer
from mcpconf.ports import Facts, OperatingSystem
from mcpconf.system.files import MachineFiles
from mcpconf.system.paths import Resolver

HOMES: dict[OperatingSystem, str] = {"linux": "/home/dev", "macos": "/Users/dev", "windows": "C:/Users/dev"}


def found(root: Path, system: OperatingSystem, folders: Iterable[str], **env: str) -> list[tuple[str, str, str]]:
    home = HOMES[system]
    resolver = Resolver(str(root), fold=system == "windows", homes=(home,))
    for folder in folders:
        Path(resolver.real(folder.replace("~", home, 1))).mkdir(parents=True)
    there = copies("demo-server", Facts(system, home, "dev", "id", env), MachineFiles(resolver, {}))
    return [(copy.path.replace(home, "~", 1), copy.version, copy.started_by) for copy in there]


INFO = "Demo.Server-1.0.dist-info"


@pytest.mark.parametrize(
    ("system", "folder", "path", "started_by"),
    [
        ("linux", "~/.cache/uv/wheels-v8/pypi/demo-server/1.0-py3-none-any", None, "uvx"),
        ("linux", "~/.cache/uv/wheels-v8/index/abc/demo-server/1.0-py3-none-any", None, "uvx"),
        ("windows", "~/AppData/Local/uv/cache/wheels-v8/pypi/demo-server/1.0-py3-none-any", None, "uvx"),
        ("linux", f"~/.cache/uv/environments-v2/a/b/lib/python3.12/site-packages/{INFO}", "~/.cache/uv/environments-v2/a/b", "uvx"),
        ("macos", f"~/.local/share/uv/tools/demo-server/lib/python3.13t/site-packages/{INFO}", "~/.local/share/uv/tools/demo-server", "uvx"),
        ("windows", f"~/AppData/Roaming/uv/data/tools/demo-server/Lib/site-packages/{INFO}", "~/AppData/Roaming/uv/data/tools/demo-server", "uvx"),
        ("linux", f"~/.local/share/pipx/venvs/demo-server/lib/python3.12/site-packages/{INFO}", "~/.local/share/pipx/venvs/demo-server", "pipx"),
        ("linux", f"~/.local/pipx/.cache/0f/lib/python3.12/site-packages/{INFO}", "~/.local/pipx/.cache/0f", "pipx"),
        ("linux", f"~/.cache/pipx/0f/lib/python3.12/site-packages/{INFO}", "~/.cache/pipx/0f", "pipx"),
        ("windows", f"~/pipx/venvs/demo-server/Lib/site-packages/{INFO}", "~/pipx/venvs/demo-server", "pipx"),
        ("linux", f"~/.local/lib/python3.11/site-packages/{INFO}", "~/.local/lib/python3.11/site-packages", "python"),
        ("macos", f"~/Library/Python/3.12/lib/python/site-packages/{INFO}", "~/Library/Python/3.12/lib/python/site-packages", "python"),
        ("windows", f"~/AppData/Roaming/Python/Python312/site-packages/{INFO}", "~/AppData/Roaming/Python/Python312/site-packages", "python"),
    ],
)  # fmt: skip
def test_places(system: OperatingSystem, folder: str, path: str | None, started_by: str, tmp_path) -> None:
    assert found(tmp_path, system, [folder]) == [(path or folder, "1.0", started_by)]


@pytest.mark.parametrize(
    ("env", "folder"),
    [
        ({"UV_CACHE_DIR": "/c"}, "/c/wheels-v8/pypi/demo-server/1.0-py3-none-any"),
        ({"XDG_CACHE_HOME": "/c"}, "/c/uv/wheels-v8/pypi/demo-server/1.0-py3-none-any"),
        ({"UV_TOOL_DIR": "/t/"}, f"/t/demo-server/lib/python3.12/site-packages/{INFO}"),
        ({"XDG_DATA_HOME": "/d"}, f"/d/uv/tools/demo-server/lib/python3.12/site-packages/{INFO}"),
        ({"PIPX_HOME": "/p"}, f"/p/venvs/demo-server/lib/python3.12/site-packages/{INFO}"),
        ({"PYTHONUSERBASE": "/u"}, f"/u/lib/python3.12/site-packages/{INFO}"),
    ],
)
def test_variables_that_move_them(env: dict[str, str], folder: str, tmp_path) -> None:
    assert len(found(tmp_path, "linux", [folder], **env)) == 1


def test_only_the_newest_cache_and_whole_names_count(tmp_path) -> None:
    wheels = "~/.cache/uv/wheels-v{}/pypi/{}/{}"
    there = [
        wheels.format(5, "demo-server", "0.1-py3-none-any"),
        wheels.format(12, "demo-server", "1.0-py3-none-any"),
        wheels.format(12, "demo-server", "1.0-py3-none-any.lock"),
        wheels.format(12, "demo-server", "2.0-py3-none-any.http"),
        wheels.format(12, "demo-server", "no-version-at-all"),
        wheels.format(12, "demo-server-more", "9.0-py3-none-any"),
        "~/.local/lib/python3.11/site-packages/demo_server_more-9.0.dist-info",
        "~/.local/lib/python2.7/site-packages/demo_server-9.0.dist-info",
    ]
    assert [(version, by) for _, version, by in found(tmp_path, "linux", there)] == [("1.0", "uvx"), ("2.0", "uvx")]


def test_a_folder_that_cannot_be_read_holds_none(tmp_path) -> None:
    (tmp_path / "home" / "dev" / ".cache").mkdir(parents=True)
    (tmp_path / "home" / "dev" / ".cache" / "uv").symlink_to("uv")
    assert found(tmp_path, "linux", []) == []


def test_copies_of_a_locked_server(tmp_path, monkeypatch) -> None:
    from mcpconf.system.facts import real_machine

    monkeypatch.setenv("HOME", str(tmp_path))
    (tmp_path / ".local/lib/python3.12/site-packages" / INFO).mkdir(parents=True)
    locked = LockedServer(input_digest=UNSET, package="pypi:demo-server", version="1.1")
    assert [copy.version for copy in pypi.copies(locked, real_machine())] == ["1.0"]
