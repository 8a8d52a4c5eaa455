"""From a machine's path to a real one: links are followed inside the machine and the home, and nowhere else."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mcpconf.errors import Problem
from mcpconf.ports import Snapshot
from mcpconf.system.files import MachineFiles
from mcpconf.system.paths import EscapeError, Resolver, StillResolver, inside

HOME = "/home/dev"


@pytest.fixture
def root(tmp_path: Path) -> Path:
    (tmp_path / "root/home/dev").mkdir(parents=True)
    (tmp_path / "root/etc").mkdir()
    return tmp_path / "root"


def resolver(root: Path, **more) -> Resolver:
    return Resolver(str(root), homes=(HOME,), **more)


def link(root: Path, name: str, target: str) -> None:
    (root / name.lstrip("/")).symlink_to(target)


@pytest.mark.parametrize(
    ("target", "resolved"),
    [
        ("other", "/home/dev/other"),
        ("./a/../other", "/home/dev/other"),
        ("/home/dev/other", "/home/dev/other"),
        ("//home//dev/other/", "/home/dev/other"),
        ("../dev/other", "/home/dev/other"),
        ("x..y/../other", "/home/dev/other"),
        ("../../../../../home/dev/other", None),
        ("/etc/passwd", None),
        ("../other", None),
        ("../../etc/shadow", None),
        ("/", None),
        (".", "/home/dev"),
    ],
)
def test_links_are_followed_within_the_home(root: Path, target: str, resolved: str | None):
    link(root, f"{HOME}/link", target)
    if resolved is None:
        with pytest.raises(EscapeError):
            resolver(root).resolve(f"{HOME}/link")
    else:
        assert resolver(root).resolve(f"{HOME}/link") == resolved


def test_an_absolute_link_means_the_machine_and_not_the_system(root: Path):
    (root / "home/dev/data").mkdir()
    (root / "home/dev/data/file").write_text("inside")
    link(root, f"{HOME}/.config", f"{HOME}/data")
    files = MachineFiles(resolver(root), {})
    found = files.read(f"{HOME}/.config/file")
    assert isinstance(found, Snapshot)
    assert (found.data, found.resolved) == (b"inside", f"{HOME}/data/file")
    link(root, "/srv", str(root / "etc"))
    with pytest.raises(EscapeError, match="outside the machine"):
        resolver(root).resolve("/srv/file")


def test_links_in_a_circle_end(root: Path):
    link(root, f"{HOME}/a", "b")
    link(root, f"{HOME}/b", "a")
    link(root, f"{HOME}/self", "self/self")
    for name in ("a", "self", "a/below"):
        found = MachineFiles(resolver(root), {}).read(f"{HOME}/{name}")
        assert isinstance(found, Problem)
        assert (found.kind, "circle" in found.message) == ("symlink", True)


def test_a_chain_of_links_that_ends_is_followed(root: Path):
    for count in range(40):
        link(root, f"{HOME}/{count}", str(count + 1))
    assert resolver(root).resolve(f"{HOME}/0") == f"{HOME}/40"
    link(root, f"{HOME}/-1", "0")
    with pytest.raises(EscapeError):
        resolver(root).resolve(f"{HOME}/-1")


def test_a_home_that_is_itself_a_link_is_a_home(root: Path):
    """`/home` is a link to `/var/home` on some systems; a large disk may hold a home elsewhere."""
    (root / "var").mkdir()
    (root / "home").rename(root / "var/home")
    link(root, "/home", "/var/home")
    assert resolver(root).resolve(f"{HOME}/.file") == "/var/home/dev/.file"
    link(root, "/var/home/dev/out", "/etc")
    with pytest.raises(EscapeError):
        resolver(root).resolve(f"{HOME}/out/file")


def test_a_link_that_leaves_a_project_is_told(root: Path):
    project = root / "home/dev/src/shop"
    project.mkdir(parents=True)
    (root / "home/dev/secret.json").write_text("{}")
    (project / "inside.json").write_text("{}")
    link(root, f"{HOME}/src/shop/out.json", "../../secret.json")
    link(root, f"{HOME}/src/shop/in.json", "inside.json")
    link(root, f"{HOME}/src/shop/dangling.json", "../../none.json")
    files = MachineFiles(resolver(root), {})
    for name in ("out", "dangling"):
        found = files.read(f"{HOME}/src/shop/{name}.json", f"{HOME}/src/shop")
        assert isinstance(found, Problem)
        assert found.kind == "symlink"
    assert isinstance(files.read(f"{HOME}/src/shop/in.json", f"{HOME}/src/shop"), Snapshot)


def test_a_dangling_link_is_a_file_that_is_not_there_yet(root: Path):
    link(root, f"{HOME}/link.json", "dotfiles/new.json")
    files = MachineFiles(resolver(root), {})
    assert files.read(f"{HOME}/link.json") is None
    assert files.resolve(f"{HOME}/link.json") == f"{HOME}/dotfiles/new.json"
    files.make_folder(f"{HOME}/dotfiles", 0o700)
    files.commit(files.stage(files.resolve(f"{HOME}/link.json"), b"{}", 0o600, None))
    assert (root / "home/dev/link.json").is_symlink()
    assert (root / "home/dev/dotfiles/new.json").read_bytes() == b"{}"


def windows(root: Path) -> Resolver:
    (root / "C/Users/Dev/AppData/Roaming").mkdir(parents=True)
    return Resolver(str(root), fold=True, homes=("C:/Users/Dev",))


@pytest.mark.parametrize(
    "path",
    [
        "C:/Users/Dev/AppData/Roaming/Code/mcp.json",
        "c:/users/dev/appdata/ROAMING/Code/mcp.json",
        "C:/USERS/dev/../Dev/./AppData/Roaming/Code/mcp.json",
    ],
)
def test_names_on_windows_are_the_same_in_other_letters(root: Path, path: str):
    assert windows(root).resolve(path) == "C:/Users/Dev/AppData/Roaming/Code/mcp.json"


def test_links_on_windows_stay_in_the_home(root: Path):
    here = windows(root)
    (root / "C/Users/Dev/link").symlink_to("C:\\Users\\Dev\\AppData")
    assert here.resolve("C:/Users/Dev/link/x") == "C:/Users/Dev/AppData/x"
    (root / "C/Users/Dev/out").symlink_to("C:\\Windows")
    (root / "C/Users/Dev/up").symlink_to("..\\Other")
    for path in ("C:/Users/Dev/out", "c:/users/DEV/out", "C:/Users/dev/up"):
        with pytest.raises(EscapeError):
            here.resolve(path)
    assert here.resolve("D:/none/x") == "D:/none/x"


def test_a_colon_is_an_ordinary_character_elsewhere(root: Path):
    link(root, f"{HOME}/link", "a:b/c")
    (root / "home/dev/a:b").mkdir()
    assert resolver(root).resolve(f"{HOME}/link") == f"{HOME}/a:b/c"
    link(root, f"{HOME}/short", "x:/c")
    assert resolver(root).resolve(f"{HOME}/short") == f"{HOME}/x:/c"


def test_of_two_spellings_that_are_there_the_exact_one_is_meant(root: Path):
    here = windows(root)
    for name in ("mcp.json", "MCP.json"):
        (root / "C/Users/Dev" / name).write_text(name)
    assert here.resolve("C:/Users/Dev/MCP.json").endswith("/MCP.json")
    assert here.resolve("C:/Users/Dev/Mcp.JSON").endswith("/MCP.json")


def test_the_real_machine_has_no_root():
    assert Resolver("").real("/etc/hosts") == "/etc/hosts"
    assert Resolver("").resolve("/../../nowhere/at/all") == "/nowhere/at/all"
    assert Resolver("/some/root").real("C:/Users") == "/some/root/C/Users"


PARTS = st.lists(st.sampled_from(["a", "b", "..", ".", "", "link", "home", "dev", "up", "abs"]), max_size=8)


@given(PARTS)
def test_no_path_resolves_to_outside_the_machine(tmp_path_factory: pytest.TempPathFactory, parts: list[str]):
    root = _tree(tmp_path_factory)
    try:
        resolved = resolver(root).resolve("/" + "/".join(parts))
    except EscapeError:
        return
    assert ".." not in resolved.split("/")
    real = os.path.realpath(resolver(root).real(resolved))
    assert inside(real, str(root)), "the system itself finds no link that is left"
    assert resolver(root).resolve(resolved) == resolved


@given(st.lists(PARTS, min_size=1, max_size=6))
def test_paths_lead_to_the_same_where_folders_are_looked_at_once(
    tmp_path_factory: pytest.TempPathFactory, paths: list[list[str]]
):
    root = _tree(tmp_path_factory)
    still = StillResolver(str(root), homes=(HOME,))
    for parts in paths:
        path = "/" + "/".join(parts)
        assert _led(still, path) == _led(resolver(root), path)


def _led(here: Resolver, path: str) -> str:
    try:
        return here.resolve(path)
    except EscapeError:
        return "refused"


_TREES: list[Path] = []


def _tree(factory: pytest.TempPathFactory) -> Path:
    """Built once; resolving writes nothing."""
    if not _TREES:
        root = Path(os.path.realpath(factory.mktemp("machine")))
        (root / "home/dev/a").mkdir(parents=True)
        link(root, "/home/dev/link", "a/../up")
        link(root, "/home/dev/up", "../..")
        link(root, "/home/dev/a/abs", "/home/dev/b")
        link(root, "/home/link", "/../../..")
        link(root, "/abs", "/home/dev/a")
        link(root, "/up", "..")
        _TREES.append(root)
    return _TREES[0]
