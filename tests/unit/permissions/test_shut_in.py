"""What a change of the walls around a server lets it do."""

import pytest

from mcpconf.model.entry import Entry, Value
from mcpconf.packages import recognise, recognise_entry
from mcpconf.permissions import privilege, shell_launcher
from mcpconf.permissions.building import Ground
from mcpconf.permissions.columns import barrier, effective, granted
from mcpconf.permissions.holdings import holdings
from mcpconf.permissions.walls import KEEPER, walls

BARE = "npx -y @example/files@1.2.0 /srv/books"
SHUT = f"bwrap --unshare-net --cap-drop ALL --ro-bind /usr /usr --ro-bind /srv/books /srv/books --clearenv -- {BARE}"
HOME = "/home/dev"


def entry(line: str, **env: str) -> Entry:
    words = line.replace("KEPT", f"/usr/bin/python3 -I -S -c {KEEPER.replace(' ', chr(0))}").split()
    command, *args = (Value.literal(word.replace("\0", " ")) for word in words)
    return Entry("stdio", command, tuple(args), {name: Value.literal(text) for name, text in env.items()})


def change(before: Entry, after: Entry):
    found = privilege(before, after, home=HOME, os="linux", recognise=recognise_entry)
    return [(item.direction, item.severity, item.dimension, item.text) for item in found]


@pytest.mark.parametrize(
    ("before", "after", "expected"),
    [
        (BARE, SHUT, [("narrower", "low", "sandbox", "+ bubblewrap: files /srv/books (read-only); network none")]),
        (SHUT, BARE, [("wider", "critical", "sandbox", "- bubblewrap: files, network and variables are open to it")]),
        (SHUT, SHUT.replace("--unshare-net ", ""), [("wider", "high", "network", "none  ->  any address")]),
        (SHUT, SHUT.replace("--unshare-net", "--unshare-all --share-net"), "network"),
        (SHUT, SHUT.replace("--cap-drop ALL ", ""), [("wider", "high", "sandbox", "- --cap-drop")]),
        (SHUT, SHUT.replace("--clearenv", ""), [("wider", "high", "env", "+ every variable of the host")]),
        (SHUT, SHUT.replace("--clearenv", "--bind / /"), "critical path"),
        (SHUT, SHUT.replace("--ro-bind /srv", "--bind /srv"), [("wider", "high", "path", "+ /srv/books writable")]),
        (SHUT, SHUT.replace("--ro-bind /srv/books", "--ro-bind /srv"), [("wider", "high", "path", "+ /srv")]),
        (SHUT.replace("--ro-bind /srv/books", "--ro-bind /srv"), SHUT, [("narrower", "low", "path", "- /srv")]),
        (SHUT, SHUT.replace("/usr /usr", "/usr /usr --ro-bind /etc/ssl/certs /etc/ssl/certs"), []),
        (SHUT, SHUT.replace("bwrap", "/opt/bwrap"), []),
        (
            "KEPT A -- " + SHUT.replace("--clearenv ", ""),
            "KEPT A B -- " + SHUT.replace("--clearenv ", ""),
            "B of the host",
        ),
    ],
)
def test_each_wall_counts(before, after, expected):
    found = change(entry(before), entry(after))
    if isinstance(expected, list):
        assert found == expected
    else:
        assert any(all(word in " ".join(item) for word in expected.split()) for item in found), found


def test_a_variable_of_the_entry_is_told_once():
    before, after = "KEPT A -- " + SHUT.replace("--clearenv ", ""), "KEPT A B -- " + SHUT.replace("--clearenv ", "")
    assert change(entry(before, A="1"), entry(after, A="1", B="2")) == [("wider", "low", "env", "+ B")]


def test_another_version_in_the_store_is_no_other_folder():
    tree = "/home/dev/.local/share/mcpconf/store/npm/notes@VERSION/0123456789abcdef0123456789abcdef/tree"
    line = f"env -i /usr/bin/bwrap --ro-bind /usr /usr --ro-bind {tree} {tree} -- /usr/bin/node {tree}/node_modules/notes/bin.js"
    found = change(entry(line.replace("VERSION", "1.0.0")), entry(line.replace("VERSION", "1.1.0")))
    assert [item[2] for item in found] == ["version"]


@pytest.mark.parametrize(
    "line",
    [
        SHUT,
        "env -i " + SHUT,
        "KEPT TOKEN -- " + SHUT,
        "sudo " + SHUT,
        "bwrap --setenv A -- --bind-try / / " + BARE,
        "firejail --net=none --private " + BARE,
        "bwrap --overlay /a /b /c --unknown " + BARE,
    ],
)
def test_it_is_what_it_starts(line):
    found = recognise([str(word) for word in entry(line).argv])
    assert (found.identity, found.version, found.arguments) == ("npm:@example/files", "1.2.0", ("/srv/books",))


@pytest.mark.parametrize("line", ["bwrap", "bwrap --", "bwrap --ro-bind / /", "bwrap --setenv A"])
def test_walls_around_nothing_are_a_command(line):
    assert recognise(line.split()).identity.startswith("command:bwrap")


@pytest.mark.parametrize(
    ("line", "found"),
    [
        (SHUT, None),
        ("KEPT TOKEN -- " + SHUT, None),
        ("env -i " + SHUT.replace(BARE, "sh -c id"), "`sh -c`"),
        ("KEPT TOKEN -- " + SHUT.replace(BARE, "sh -c id"), "`sh -c`"),
        ("bwrap --bind / / sh -c id", "`sh -c`"),
        ("KEPT TOKEN -- sh -c id", "`sh -c`"),
        ("sh -c id bwrap -- node x.js", "`sh -c`"),
        ("env sh -c id bwrap -- node x.js", "`sh -c`"),
        ("/usr/bin/python3 -I -S -c print(1) A -- node x.js", "`python -c`"),
    ],
)
def test_walls_hide_no_shell(line, found):
    assert shell_launcher([str(word) for word in entry(line).argv]) == found


def test_what_is_let_in():
    found = walls(
        recognise(
            [str(word) for word in entry("KEPT A -- sudo " + SHUT.replace("--clearenv", "--setenv B 1")).argv]
        ).wrapper
    )
    assert found is not None
    assert (found.reads, found.writes, found.network, found.names) == (("/usr", "/srv/books"), (), False, ("A", "B"))
    assert found.around == ("sudo",)
    assert walls(("sudo",)) is None


@pytest.mark.parametrize(
    ("line", "kind"),
    [
        (BARE, "none"),
        (SHUT, "none"),
        (SHUT.replace("bwrap", "bwrap --unshare-pid"), "none"),
        (SHUT.replace("bwrap", "bwrap --unshare-pid --new-session"), "sandbox"),
        (SHUT.replace("bwrap", "bwrap --unshare-all --new-session"), "sandbox"),
    ],
)
def test_walls_hold_only_without_a_way_around(line, kind):
    held = holdings(entry(line), recognise_entry(entry(line)))
    assert barrier(held) == kind
    handed_out = granted(held, None, (), Ground(HOME))
    assert effective(held, handed_out, Ground(HOME))["fs"].is_everything is (kind == "none")


def test_what_bubblewrap_was_started_with_can_be_read():
    line = SHUT.replace("bwrap", "bwrap --unshare-pid --new-session")
    held = holdings(entry(line), recognise_entry(entry(line)))
    assert effective(held, granted(held, None, (), Ground(HOME)), Ground(HOME))["env"].is_everything
