"""The command lines of a sandbox, word by word."""

import pytest

from mcpconf.permissions.walls import KEEPER, kept_by
from mcpconf.sandbox import Bind, Confinement
from mcpconf.sandbox.bwrap import confined
from mcpconf.sandbox.ground import least
from mcpconf.sandbox.keeping import keeping
from mcpconf.system.facts import rooted_machine
from tests.world import World


def test_all_that_is_seen_is_named():
    binds = (Bind.same("/data/notes/inner", writable=True), Bind.same("/usr"), Bind.same("/data/notes"))
    place = Confinement(binds, {"/bin": "usr/bin"}, "none", {"HOME": "/tmp/home"}, "/data/notes")
    assert " ".join(confined(("/usr/bin/node", "/data/s.js"), place)) == (
        "/usr/bin/bwrap --unshare-user --unshare-pid --unshare-ipc --unshare-uts --unshare-cgroup-try"
        " --die-with-parent --new-session --cap-drop ALL --unshare-net --proc /proc --remount-ro /proc --dev /dev"
        " --tmpfs /tmp --dir /tmp/home --symlink usr/bin /bin"
        " --ro-bind /data/notes /data/notes --bind /data/notes/inner /data/notes/inner --ro-bind /usr /usr"
        " --remount-ro / --setenv HOME /tmp/home --chdir /data/notes -- /usr/bin/node /data/s.js"
    )


def test_with_a_network_only_that_wall_is_missing():
    some, none = confined(("x",), Confinement(network="any")), confined(("x",), Confinement())
    assert [word for word in none if word not in some] == ["--unshare-net"]


def test_variables_are_kept_by_name_and_none_without():
    assert keeping([], ("/b", "x")) == ("/usr/bin/env", "-i", "/b", "x")
    words = keeping(["B", "A", "B"], ("/b", "x"))
    assert words == ("/usr/bin/python3", "-I", "-S", "-c", KEEPER, "A", "B", "--", "/b", "x")
    assert kept_by(words) == (("A", "B"), ("/b", "x"))


@pytest.mark.parametrize(
    "words",
    [
        (),
        ("python3", "-I", "-S", "-c", KEEPER),
        ("python3", "-I", "-S", "-c", KEEPER + ";evil()", "A", "--", "/b"),
        ("python3", "-c", KEEPER, "A", "--", "/b"),
    ],
)
def test_only_the_very_text_is_what_keeps(words):
    assert kept_by(words) is None


@pytest.fixture
def machine(tmp_path):
    world = World(tmp_path)
    for path in ("/usr/bin/node", "/usr/lib64/x", "/lib32/x", "/etc/resolv.conf", "/etc/ssl/certs/x", "/etc/shadow"):
        world.write(path, "")
    world.path("/bin").symlink_to("usr/bin")
    world.path("/lib64").symlink_to("usr/lib64")
    world.write("~/.uv/cpython-3.13.1/bin/python3.13", "")
    world.path("~/.uv/cpython-3.13").symlink_to("cpython-3.13.1")
    world.write("/opt/notes/mcp", "")
    world.path("/tree/bin").mkdir(parents=True)
    world.path("/tree/bin/python3").symlink_to("python")
    world.path("/tree/bin/python").symlink_to("/home/dev/.uv/cpython-3.13/bin/python3.13")
    return rooted_machine(str(world.root))


@pytest.mark.parametrize(
    ("program", "folder", "more"),
    [
        ("/usr/bin/node", "", []),
        ("/usr/bin/node", "/tree", [("/tree", "/tree")]),
        ("/opt/notes/mcp", "", [("/opt/notes/mcp", "/opt/notes/mcp")]),
        (
            "/tree/bin/python3",
            "/tree",
            [
                ("/home/dev/.uv/cpython-3.13.1", "/home/dev/.uv/cpython-3.13"),
                ("/home/dev/.uv/cpython-3.13.1", "/home/dev/.uv/cpython-3.13.1"),
                ("/tree", "/tree"),
            ],
        ),
    ],
)
def test_a_program_gets_what_it_needs_to_start(machine, program, folder, more):
    place = least(program, folder, machine.files, "none")
    assert place.links == {"/bin": "usr/bin", "/lib64": "usr/lib64"}
    assert [tuple(bind[:2]) for bind in place.binds] == [("/usr", "/usr"), ("/lib32", "/lib32"), *more]
    assert not any(bind.writable for bind in place.binds)


def test_a_network_needs_names_and_certificates(machine):
    seen = {bind.target for bind in least("/usr/bin/node", "", machine.files, "any").binds}
    assert seen == {"/usr", "/lib32", "/etc/resolv.conf", "/etc/ssl/certs"}
