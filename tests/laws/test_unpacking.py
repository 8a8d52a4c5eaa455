"""Whatever a zip holds, it is unpacked inside its folder, byte for byte, or it is refused."""

from __future__ import annotations

import io
import json
import stat
import warnings
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory

from hypothesis import example, given
from hypothesis import strategies as st

from mcpconf.artifacts import mcpb
from mcpconf.artifacts.mcpb_archive import Archive, opened
from mcpconf.errors import Problem
from mcpconf.model.lock import LockedServer
from tests.bundles import ADDRESS, NODE, Shelf, bundle, signed, wish, workshop

STEPS = st.one_of(
    st.sampled_from(
        ["..", ".", "", "a", "A", "b", "server", "con", "a:b", "~", "c\u0327", "\u00e7", "manifest.json", "x" * 201]
    ),
    st.text(st.characters(codec="utf-8"), min_size=1, max_size=6),
)
NAMES = st.lists(STEPS, min_size=1, max_size=4).map("/".join)
MODES = st.sampled_from(
    [
        *[0, 0o644, 0o777] * 5,
        *[stat.S_IFREG | 0o6755] * 5,
        stat.S_IFLNK | 0o777,
        stat.S_IFDIR | 0o755,
        stat.S_IFIFO,
        stat.S_IFSOCK,
    ]
)
CONTENT = st.one_of(st.binary(max_size=30), st.sampled_from([b"../../../etc/passwd", bytes(3000)]))
ENTRIES = st.lists(st.tuples(NAMES, MODES, CONTENT), max_size=6)


def zipped(entries: list[tuple[str, int, bytes]]) -> bytes:
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w") as archive, warnings.catch_warnings():
        warnings.simplefilter("ignore")  # of names that are there twice
        for name, mode, data in entries:
            info = zipfile.ZipInfo(name)
            info.filename = name  # it ends a name at its first NUL; an archive may hold the whole
            info.external_attr = mode << 16
            archive.writestr(info, data, zipfile.ZIP_DEFLATED)
    return made.getvalue()


@contextmanager
def unpacked(data: bytes) -> Iterator[tuple[Archive | Problem, dict[str, bytes], Path]]:
    """What it is opened as, and every file of the machine afterwards, by its path from the folder of the bundle."""
    with TemporaryDirectory() as folder:
        shop = workshop(Path(folder))
        machine = Path(shop.trees.resolver.real("/"))
        before = {path for path in machine.rglob("*") if not path.is_dir()}
        archive = opened(data)
        if isinstance(archive, Archive):
            problem = mcpb._unpack(archive, "/home/dev/room", None, shop)
            archive = problem or archive
        top = machine / "home/dev/room/bundle"
        found = {
            (str(path.relative_to(top)) if top in path.parents else f"OUTSIDE {path}"): path.read_bytes()
            for path in machine.rglob("*")
            if not path.is_dir() and path not in before
        }
        assert not [path for path in machine.rglob("*") if path.is_symlink()]
        yield archive, found, top


@given(ENTRIES)
@example([("a", stat.S_IFLNK | 0o777, b"/etc"), ("a/passwd", 0o644, b"x")])
@example([("../../.bashrc", 0o644, b"x")])
@example([("0\0", 0, b"")])
def test_a_zip_is_unpacked_inside_or_refused(entries: list[tuple[str, int, bytes]]):
    with unpacked(zipped(entries)) as (archive, found, top):
        assert not [name for name in found if name.startswith("OUTSIDE")]
        if isinstance(archive, Problem):
            assert archive.hint
            return
        assert found == {name: data for name, _, data in entries if not name.endswith("/")}
        assert all(path.stat().st_mode & 0o7777 == 0o600 for path in top.rglob("*") if path.is_file())


MANIFEST = {"manifest.json": json.dumps(NODE).encode(), "server/index.js": b"run()", "server/lib/a.py": b"A = 1\n"}
SOUND = bundle(files={"server/index.js": b"run()", "server/lib/a.py": b"A = 1\n"})
CHANGES = st.lists(
    st.one_of(
        st.tuples(st.just("set"), st.integers(0, len(SOUND) - 1), st.binary(min_size=1, max_size=4)),
        st.tuples(st.just("cut"), st.integers(0, len(SOUND) - 1), st.binary(max_size=0)),
        st.tuples(st.just("add"), st.integers(0, len(SOUND)), st.binary(max_size=40)),
    ),
    max_size=3,
)


def changed(data: bytes, changes: list[tuple[str, int, bytes]]) -> bytes:
    for what, at, piece in changes:
        data = (
            data[:at]
            + piece
            + (data[at:] if what == "add" else data[at + (len(piece) or 1) :] if what == "set" else b"")
        )
    return data


@given(CHANGES, st.booleans())
def test_a_damaged_bundle_is_unpacked_to_the_same_or_refused(changes: list[tuple[str, int, bytes]], is_signed: bool):  # noqa: FBT001
    data = changed(signed(SOUND) if is_signed else SOUND, changes)
    with unpacked(data) as (archive, found, _):
        assert not [name for name in found if name.startswith("OUTSIDE")]
        if isinstance(archive, Archive):
            assert {*found.values()} <= {*MANIFEST.values()}  # sums are checked; names and modes may be others


JSON = st.recursive(
    st.one_of(
        st.none(),
        st.booleans(),
        st.integers(),
        st.text(max_size=5),
        st.sampled_from(["node", "${__dirname}/a.js", "${user_config.x}"]),
    ),
    lambda inner: st.one_of(
        st.lists(inner, max_size=3),
        st.dictionaries(
            st.sampled_from(
                [
                    "name",
                    "version",
                    "server",
                    "type",
                    "mcp_config",
                    "command",
                    "args",
                    "env",
                    "platform_overrides",
                    "win32",
                ]
            ),
            inner,
            max_size=4,
        ),
    ),
    max_leaves=12,
)


@given(st.one_of(JSON, st.builds(lambda server: {**NODE, "server": {**NODE["server"], "mcp_config": server}}, JSON)))
def test_whatever_a_bundle_says_of_itself_it_is_locked_or_refused(value: object):
    data = bundle(json.dumps(value).encode())
    with TemporaryDirectory() as folder:
        shop = workshop(Path(folder), Shelf({ADDRESS: data}))
        found = mcpb.lock(wish({"package": f"mcpb:{ADDRESS}"}), shop)
        if isinstance(found, LockedServer):
            words = mcpb.launch(found, "/t", shop.machine)
            assert isinstance(words, Problem) or words[0].startswith("/")
