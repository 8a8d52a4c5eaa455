"""An installation is what was built, or the files that are other ones are named: whatever the tree, and whatever was done to it."""

from __future__ import annotations

import os
from pathlib import Path
from tempfile import TemporaryDirectory

from hypothesis import given, settings
from hypothesis import strategies as st

from mcpconf.artifacts.records import Changed, Installed, state_of
from mcpconf.documents.store import Store
from mcpconf.system.facts import rooted_machine
from tests.stored import install, locked
from tests.world import World

MEMORY = "/dev/shm" if Path("/dev/shm").is_dir() else None
steps = st.sampled_from(["a", "b", "lib", "x.js", "é", "with space", ".hidden"])
trees = st.dictionaries(
    st.lists(steps, min_size=1, max_size=3).map("/".join), st.binary(max_size=3000), min_size=1, max_size=8
).filter(lambda tree: not any(one != other and other.startswith(f"{one}/") for one in tree for other in tree))


def state(world: World):
    machine = rooted_machine(str(world.root))
    return state_of(locked(), machine, Store.of(machine).key())


@settings(max_examples=40)
@given(trees, st.data())
def test_whatever_is_done_to_a_tree_its_file_is_named(tree: dict[str, bytes], data: st.DataObject):
    with TemporaryDirectory(dir=MEMORY) as folder:
        world = World(Path(folder))
        top = install(world, locked(), tree) / "tree"
        assert state(world) == Installed(len(tree))
        name = data.draw(st.sampled_from(sorted(tree)))
        path = top / name
        match data.draw(st.sampled_from(["byte", "more", "less", "gone", "mode", "link", "new", "swap"])):
            case "byte" if tree[name]:
                at = data.draw(st.integers(0, len(tree[name]) - 1))
                changed = bytearray(tree[name])
                changed[at] ^= 1 << data.draw(st.integers(0, 7))
                before = path.stat()
                path.write_bytes(changed)
                os.utime(path, ns=(before.st_atime_ns, before.st_mtime_ns))
            case "less" if tree[name]:
                path.write_bytes(tree[name][:-1])
            case "gone":
                path.unlink()
                assert state(world) == Changed(missing=(name,))
                return
            case "mode":
                path.chmod(0o755)
            case "link":
                path.unlink()
                path.symlink_to(data.draw(st.sampled_from(["/etc/passwd", "b", "../../x", name])))
            case "new":
                (top / "new.js").write_bytes(data.draw(st.binary(max_size=5)))
                assert state(world) == Changed(added=("new.js",))
                return
            case _:
                path.write_bytes(tree[name] + b"x")
        assert state(world) == Changed(changed=(name,))
