"""What is easily got wrong about files, names, approvals and precedence, one test per trap."""

from dataclasses import replace
from pathlib import Path

from mcpconf.hosts.dialect import decode
from mcpconf.hosts.effective import left_over, shadowed
from mcpconf.hosts.grants import grants
from mcpconf.hosts.names import cannot_name, normalised
from mcpconf.hosts.places import Disk, absolute, destination, locations, spelled
from mcpconf.hosts.rows import load_row
from mcpconf.hosts.servers import entries, projects
from mcpconf.model.address import Address
from mcpconf.model.base import ABSENT
from mcpconf.model.observed import Location, ObservedEntry, ObservedFile
from mcpconf.ports import Facts

DATA = Path(__file__).parents[2] / "mcpconf" / "hosts" / "data"
ROWS = {row.id: row for row in (load_row(path.read_text(), path.name) for path in sorted(DATA.glob("*.toml")))}
LINUX = Facts("linux", "/home/dev", "dev", "1")
WINDOWS = Facts("windows", "C:/Users/dev", "dev", "1")


def test_names():
    assert cannot_name(ROWS["claude-code"], "workspace") == ("the name `workspace` is reserved by it",)
    assert cannot_name(ROWS["claude-code"], "a b") == ("it takes no server named `a b`",)
    assert cannot_name(ROWS["codex"], "a@b/c") == ()
    assert normalised(ROWS["claude-code"], "u.dot x") == normalised(ROWS["claude-code"], "u dot.x") == "u_dot_x"
    assert normalised(ROWS["codex"], "u.dot x") == "u.dot x"


def test_folders_have_one_spelling():
    assert absolute("c:\\work\\app\\", WINDOWS) == "C:/work/app"
    assert absolute("~/app/", LINUX) == "/home/dev/app"
    assert absolute("/", LINUX) == "/"
    assert [spelled(path, LINUX) for path in ("/home/dev", "/home/dev/a", "/home/devil")] == ["~", "~/a", "/home/devil"]


def test_a_fixed_path_wins_over_one_of_a_project():
    found = locations(ROWS["cursor"], LINUX, ["/home/dev"], lambda _folder: ())
    assert [item.scope for item in found if item.path == "/home/dev/.cursor/mcp.json"] == ["user"]


def test_new_servers_go_to_the_writable_file_of_the_scope():
    for host, user, project in (
        ("claude-code", "/home/dev/.claude.json", "/home/dev/app/.mcp.json"),
        ("codex", "/home/dev/.codex/config.toml", "/home/dev/app/.codex/config.toml"),
        ("cursor", "/home/dev/.cursor/mcp.json", "/home/dev/app/.cursor/mcp.json"),
        ("vscode", "/home/dev/.config/Code/User/mcp.json", "/home/dev/app/.vscode/mcp.json"),
    ):
        row = ROWS[host]
        targets = [
            destination(row, LINUX, *scope, Disk(lambda _path: False, lambda _folder: ()))
            for scope in (("user", ""), ("project", "~/app"))
        ]
        assert [target.location.path for target in targets if target] == [user, project]
        assert [target.key_path("x")[-1] for target in targets if target] == ["x", "x"]
        assert destination(row, LINUX, "managed", "", Disk(lambda _path: True, lambda _folder: ())) is None


def observed(host, where, server, raw, rank):
    file, scope, project = where
    decoded = decode(ROWS[host], raw)
    place = Location(host, file, scope, project, f"/{file}", "json", write=True)
    address, seen = Address(host, scope, project, server), ObservedFile(place)
    return ObservedEntry(address, decoded.entry, raw, "", seen, (server,), rank, problem=decoded.problem)


def test_deleting_one_of_two_merged_entries_may_leave_too_little():
    user = observed("codex", ("user", "user", ""), "a", {"command": "x"}, 3)
    inside = observed("codex", ("project", "project", "~/app"), "a", {"args": ["y"]}, 1)
    other = observed("codex", ("user", "user", ""), "b", {"args": ["y"]}, 3)
    assert left_over(ROWS["codex"], [user, inside, other], user.address) == (inside.address,)
    assert left_over(ROWS["codex"], [user, inside, other], inside.address) == ()
    assert left_over(ROWS["cursor"], [user, inside], user.address) == ()


def test_entries_that_never_meet_leave_each_other_alone():
    one = observed("codex", ("project", "project", "~/a"), "a", {"command": "x"}, 1)
    other = observed("codex", ("project", "project", "~/b"), "a", {"args": ["y"]}, 1)
    assert left_over(ROWS["codex"], [one, other], one.address) == ()
    assert left_over(ROWS["codex"], [other], one.address) == ()


def test_merged_maps_are_united_and_other_values_replaced():
    trust = Location("codex", "user", "user", "", "/m", "toml", write=True)
    parsed = {"projects": {"/home/dev/app": {"trust_level": "trusted"}}}
    trusted = grants(ROWS["codex"], LINUX, ObservedFile(trust), parsed, [])
    user = observed("codex", ("user", "user", ""), "a", {"command": "x", "env": {"A": "1"}, "args": ["z"]}, 3)
    for raw, lost in (
        ({"env": {"A": "1"}}, False),
        ({"env": {}}, False),
        ({"env": {"A": "2"}}, True),
        ({"env": {"B": "1"}}, True),
        ({"env": "x"}, True),
        ({"args": {"z": 1}}, True),
        ({"default_tools_approval_mode": "approve"}, False),
    ):
        inside = observed("codex", ("project", "project", "~/app"), "a", raw, 1)
        inside = replace(inside, problem=None)
        assert (shadowed(ROWS["codex"], [user, inside], (), trusted) != {}) == lost


def test_of_two_equally_strong_entries_none_is_in_the_way():
    pair = [observed("cursor", ("user", "user", ""), "a", {"command": word}, 1) for word in "xy"]
    assert shadowed(ROWS["cursor"], pair) == {}


def test_approvals_by_plain_name_mean_that_name():
    place = Location("claude-code", "settings", "user", "", "/m", "json", write=True)
    found = grants(ROWS["claude-code"], LINUX, ObservedFile(place), {"enabledMcpjsonServers": ["u_dot"]}, ["u.dot"])
    assert [grant.server for grant in found] == ["u_dot"]


def test_an_untrusted_project_file_is_in_nobodys_way():
    user = observed("codex", ("user", "user", ""), "a", {"command": "x"}, 3)
    inside = observed("codex", ("project", "project", "~/app"), "a", {"command": "y"}, 1)
    assert shadowed(ROWS["codex"], [user, inside]) == {}


def test_an_entry_that_the_host_drops_is_in_nobodys_way():
    user = observed("claude-code", ("state", "user", ""), "a", {"command": "x"}, 5)
    managed = [
        observed("claude-code", ("managed", "managed", ""), "a", {"type": "http", "url": url}, 2)
        for url in ("http://a.example", "https://a.example")
    ]
    assert shadowed(ROWS["claude-code"], [user, managed[0]]) == {}
    assert shadowed(ROWS["claude-code"], [user, managed[1]]) == {user.address: managed[1].address}
    broken = observed("claude-code", ("mcp", "project", "~/app"), "a", {"url": "https://a.example"}, 4)
    assert shadowed(ROWS["claude-code"], [user, broken]) == {}


def test_an_equal_entry_is_in_nobodys_way():
    pair = [
        observed("cursor", ("project", "project", "~/a"), "a", {"command": "x"}, 0),
        observed("cursor", ("user", "user", ""), "a", {"type": "stdio", "command": "x", "args": []}, 1),
    ]
    assert shadowed(ROWS["cursor"], pair) == {}


def test_entries_of_profiles_are_apart():
    user = observed("codex", ("user", "user", ""), "a", {"command": "x"}, 3)
    profile = observed("codex", ("profile", "profile", "work"), "a", {"command": "y"}, 2)
    managed = observed("codex", ("managed", "managed", ""), "a", {"enabled": False}, 0)
    assert shadowed(ROWS["codex"], [user, profile]) == {}
    assert shadowed(ROWS["codex"], [user, profile, managed]) == {user.address: managed.address}


def test_an_entry_that_is_no_map_replaces_what_it_meets():
    user = observed("codex", ("user", "user", ""), "a", [], 3)
    inside = observed("codex", ("managed", "managed", ""), "a", {"command": "x"}, 0)
    assert shadowed(ROWS["codex"], [user, inside]) == {user.address: inside.address}


def test_an_empty_file_holds_nothing():
    place = Location("cursor", "allow", "user", "", "/m", "jsonc", write=True)
    assert grants(ROWS["cursor"], LINUX, ObservedFile(place), ABSENT, ["a"]) == ()
    assert projects(ROWS["codex"], LINUX, replace(place, file="user"), ABSENT) == ()


def test_servers_with_one_normal_name_are_all_readings():
    place = Location("claude-code", "settings", "user", "", "/m", "json", write=True)
    allow = {"permissions": {"allow": ["mcp__u_dot__x", 5, "mcp__a__b__c"]}}
    found = grants(ROWS["claude-code"], LINUX, ObservedFile(place), allow, ["u.dot", "u dot", "a", "a__b", "c"])
    assert [(grant.server, grant.tool, grant.readings) for grant in found] == [
        ("u dot", "x", ("u.dot",)),
        ("a", "b__c", ("a__b",)),
    ]


def test_a_rule_in_an_odd_entry_grants_nothing():
    place = Location("codex", "user", "user", "", "/m", "toml", write=True)
    parsed = {"mcp_servers": {"a": {"tools": []}, "b": [], "c": {"default_tools_approval_mode": ["approve"]}}}
    assert grants(ROWS["codex"], LINUX, ObservedFile(place), parsed, []) == ()


def test_a_switch_must_have_its_exact_value():
    place = Location("vscode", "settings", "user", "", "/m", "jsonc", write=True)
    for value, count in ((True, 1), (1, 0), ("true", 0), (False, 0), (None, 0)):
        settings = {"chat.tools.global.autoApprove": value}
        assert len(grants(ROWS["vscode"], LINUX, ObservedFile(place), settings, [])) == count


def test_projects_side_by_side_do_not_shadow_each_other():
    pair = [observed("cursor", ("project", "project", name), "a", {"command": name}, 0) for name in ("~/a", "~/ab")]
    assert shadowed(ROWS["cursor"], pair) == {}


def test_a_container_of_a_wrong_type_is_no_empty_container():
    place = Location("cursor", "user", "user", "", "/m", "json", write=True)
    for parsed, pointer in (
        ([], ""),
        ({"mcpServers": []}, "mcpServers"),
        ({"mcpServers": None}, "mcpServers"),
        (None, ""),
    ):
        found = entries(ROWS["cursor"], LINUX, place, parsed)
        assert [(problem.kind, problem.where.pointer) for problem in found.problems] == [("container", pointer)]
        assert found.found == ()
    assert entries(ROWS["cursor"], LINUX, place, ABSENT).problems == ()
    assert entries(ROWS["cursor"], LINUX, place, {"mcpServers": {}}).containers == (("mcpServers",),)


def test_a_name_that_a_host_trusts_by_itself_is_refused():
    assert cannot_name(ROWS["crush"], "docker") == ("the name `docker` is reserved by it",)
    assert cannot_name(ROWS["crush"], "docker-hub") == ()
