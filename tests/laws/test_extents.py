"""The order of what servers may do is an order, and asking for more is never less."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mcpconf.model.manifest import Server
from mcpconf.permissions.building import Ground
from mcpconf.permissions.declared import declared
from mcpconf.permissions.extent import ANYWHERE, DIMENSIONS, MIRROR, NOWHERE, Extent, compare, verdict

HOME = Ground("/home/dev", "linux")
LOCKED = ("read_file", "read_media", "list", "write_file", "delete")

tools = st.lists(st.sampled_from(["read_*", "*_file", "list", "*", "read_file", "write_*", "gone"]), max_size=3)
paths = st.sampled_from(
    ["~", "~/work", "/home/dev/work/a", "${home}", "${workspace}", "${env:X}/a", "/", "/var/run/docker.sock", "/srv"]
)
folders = st.lists(st.fixed_dictionaries({"path": paths, "mode": st.sampled_from(["ro", "rw"])}), max_size=3)
endpoints = st.lists(
    st.sampled_from(
        ["a.example:443", "*.example:443", "*.example", "b.a.example", "10.0.0.0/8", "10.1.2.3:22", "::/0"]
    ),
    max_size=3,
)
programs = st.lists(st.sampled_from(["git", "rg", "bash", "python3"]), max_size=2)
some = {"none": "none", "any": "any"}


def said(values: st.SearchStrategy[Any], *words: str) -> st.SearchStrategy[Any]:
    return values | st.sampled_from(words) if words else values


permissions = st.fixed_dictionaries(
    {},
    optional={
        "tools": st.fixed_dictionaries({}, optional={"call": tools, "except": tools}),
        "fs": folders,
        "net": st.fixed_dictionaries(
            {},
            optional={
                "out": said(endpoints, "none", "any"),
                "listen": st.sampled_from(["none", "loopback", "any"]),
            },
        ),
        "env": st.lists(st.sampled_from(["LOG_LEVEL", "GITHUB_TOKEN", "PATH"]), max_size=2),
        "exec": said(programs, "none", "any"),
        "client": st.fixed_dictionaries(
            {},
            optional={
                "sampling": st.sampled_from(["deny", "ask", "allow"]),
                "elicitation": st.sampled_from(["deny", "form", "url"]),
                "roots": st.lists(paths, max_size=2),
                "ui": st.sampled_from(["deny", "allow"]),
            },
        ),
        "run_as": st.fixed_dictionaries(
            {},
            optional={
                "user": st.sampled_from(["nobody", "self", "root"]),
                "privileged": st.sampled_from(["true", "false"]),
                "caps": st.lists(st.sampled_from(["NET_ADMIN", "ALL"]), max_size=2),
                "sockets": st.lists(st.sampled_from(["/run/docker.sock", "/run/x.sock"]), max_size=1),
            },
        ),
        "enforce": st.sampled_from(["bwrap", "docker", "host"]),
    },
).filter(lambda item: not same_path_twice(item.get("fs", ())))


def same_path_twice(asked: Any) -> bool:
    modes: dict[str, str] = {}
    return any(modes.setdefault(item["path"], item["mode"]) != item["mode"] for item in asked)


here = st.builds(
    lambda permitted, day: {"command": ["/opt/x"], "permissions": permitted, **({"expires": day} if day else {})},
    permissions,
    st.sampled_from(["", "2027-01-31", "2028-01-31"]),
)
elsewhere = st.builds(
    lambda scopes, resource: {"url": "https://a.example", "oauth": {"scopes": scopes, "resource": resource}},
    st.lists(st.sampled_from(["read", "write", "*", "admin:org"]), max_size=2),
    st.sampled_from(["https://a.example", "https://b.example"]),
)
known = st.sampled_from([None, LOCKED])


def extent(server: dict[str, Any], tools: tuple[str, ...] | None) -> Extent:
    return declared(Server.model_validate(server), tools, HOME)


extents = st.builds(extent, here | elsewhere, known)
within = {"same", "wider"}


def orders(one: Extent, other: Extent) -> dict[str, str]:
    return {item.dimension: item.order for item in compare(one, other)}


@given(extents)
def test_every_extent_lies_between_nothing_and_everything(one: Extent) -> None:
    assert list(one) == list(DIMENSIONS) or set(one) == set(DIMENSIONS)
    assert set(orders(one, one).values()) == {"same"}
    assert set(orders(NOWHERE, one).values()) <= within
    assert set(orders(one, ANYWHERE).values()) <= within


@given(extents, extents)
def test_it_turns_around(one: Extent, other: Extent) -> None:
    forth, back = compare(one, other), compare(other, one)
    assert [MIRROR[item.order] for item in forth] == [item.order for item in back]
    assert verdict(back) == MIRROR[verdict(forth)]


@given(extents, extents, extents)
def test_it_is_transitive(one: Extent, two: Extent, three: Extent) -> None:
    first, second, both = orders(one, two), orders(two, three), orders(one, three)
    for name in DIMENSIONS:
        if first[name] in within and second[name] in within:
            assert both[name] in within
            assert (both[name] == "same") == (first[name] == second[name] == "same")


MORE: list[tuple[tuple[str, ...], Any]] = [
    (("tools", "call"), "read_*"),
    (("tools", "call"), "anything"),
    (("fs",), {"path": "/etc/hosts", "mode": "rw"}),
    (("fs",), {"path": "/run/docker.sock", "mode": "ro"}),
    (("net", "out"), "c.example"),
    (("env",), "OTHER"),
    (("exec",), "bash"),
    (("client", "roots"), "/srv/x"),
    (("run_as", "caps"), "SYS_ADMIN"),
    (("run_as", "sockets"), "/run/y.sock"),
]


@given(permissions, st.sampled_from(MORE), known)
def test_asking_for_more_is_never_less(
    asked: dict[str, Any], more: tuple[tuple[str, ...], Any], tools: tuple[str, ...] | None
) -> None:
    """One item is added to a list that is there."""
    path, item = more
    before = {"command": ["/opt/x"], "permissions": asked}
    inner = asked
    for step in path[:-1]:
        inner = inner.get(step, {})
    if not isinstance(inner.get(path[-1]), list):
        return
    wider = [*inner[path[-1]], item]
    grown: Any = wider if len(path) == 1 else {**inner, path[-1]: wider}
    after = {"command": ["/opt/x"], "permissions": {**asked, path[0]: grown}}
    assert set(orders(extent(before, tools), extent(after, tools)).values()) <= within


@given(permissions, st.sampled_from(["read_file", "delete", "list"]), known)
def test_taking_a_tool_away_is_never_more(asked: dict[str, Any], tool: str, tools: tuple[str, ...] | None) -> None:
    own = asked.get("tools", {})
    after = {**asked, "tools": {**own, "except": [*own.get("except", []), tool]}}
    found = orders(
        extent({"command": ["a"], "permissions": asked}, tools), extent({"command": ["a"], "permissions": after}, tools)
    )
    assert found["tools.call"] in ("same", "narrower")
    assert {order for name, order in found.items() if not name.startswith("tools.")} == {"same"}


def changed(before: str, after: str, tools: tuple[str, ...] | None = LOCKED) -> list[str]:
    import yaml

    one, other = ({"command": ["/opt/x"], "permissions": yaml.safe_load(text)} for text in (before, after))
    found = compare(extent(one, tools), extent(other, tools))
    return [f"{item.dimension} {item.order} {item.severity}: {item.text}" for item in found if item.order != "same"]


@pytest.mark.parametrize(
    ("before", "after", "told"),
    [
        (
            "{net: {out: [api.github.com:443]}}",
            "{net: {out: [api.github.com:443, '*.amazonaws.com:443']}}",
            ["net.out wider high: + *.amazonaws.com:443  (was api.github.com:443)"],
        ),
        (
            "{fs: [{path: ~/work, mode: ro}]}",
            "{fs: [{path: '~', mode: rw}]}",
            ["fs wider critical: + ~ rw  (was ~/work ro)"],
        ),
        (
            "{fs: [{path: ~/work, mode: rw}]}",
            "{fs: [{path: /home/dev/work/a, mode: rw}]}",
            ["fs narrower low: - ~/work rw  (now ~/work/a rw)"],
        ),
        (
            "{fs: [{path: '${env:A}', mode: ro}]}",
            "{fs: [{path: '${env:B}', mode: ro}]}",
            ["fs incomparable high: + ${env:B} ro  - ${env:A} ro  (was ${env:A} ro)"],
        ),
        ("{exec: [git]}", "{exec: [git, node]}", ["exec wider critical: + any  (was git)"]),
        ("{exec: none}", "{exec: [git]}", ["exec wider high: + git  (was none)"]),
        ("{env: [A]}", "{}", ["env wider high: + any  (was A)"]),
        ("{env: [A]}", "{env: [A, API_TOKEN]}", ["env wider high: + API_TOKEN  (was A)"]),
        (
            "{tools: {call: ['read_*']}}",
            "{tools: {call: ['read_*', delete], auto: [delete]}}",
            ["tools.auto wider high: + delete  (was none)", "tools.call wider medium: + delete  (was read_file, read_media)"],
        ),
        (
            "{tools: {call: ['read_*']}}",
            "{tools: {call: ['read_*'], except: [read_media]}}",
            ["tools.call narrower low: - read_media  (now read_file)"],
        ),
        ("{client: {sampling: deny}}", "{client: {sampling: ask}}", ["client.sampling wider medium: + ask  (was none)"]),
        ("{run_as: {}}", "{run_as: {user: root}}", ["run_as wider critical: + root  (was self)"]),
        ("{run_as: {}}", "{run_as: {user: nobody}}", ["run_as narrower low: - self  (now none)"]),
        ("{enforce: bwrap, fs: []}", "{enforce: bwrap}", []),
        ("{fs: []}", "{enforce: bwrap, fs: []}", ["net.out narrower low: - any  (now none)", "net.listen narrower low: - any  (now none)", "env narrower low: - any  (now none)"]),
    ],
)  # fmt: skip
def test_one_line_explains_each_change(before: str, after: str, told: list[str]) -> None:
    assert sorted(changed(before, after)) == sorted(told)


def test_the_engine_of_containers_is_everything() -> None:
    wide = "{fs: [], net: {out: none, listen: none}, env: [], exec: none, run_as: {sockets: [/var/run/docker.sock]}}"
    narrow = "{fs: [], net: {out: none, listen: none}, env: [], exec: none, run_as: {}}"
    told = changed(narrow, wide)
    assert [line.split(":")[0] for line in told] == [
        "fs wider critical",
        "net.out wider high",
        "net.listen wider high",
        "env wider high",
        "exec wider critical",
        "run_as wider critical",
    ]


def test_patterns_without_a_lock_are_held_against_each_other() -> None:
    """Which tools they stand for is not known, and yet one may lie within the other."""
    assert changed("{tools: {call: ['read_*', list]}}", "{tools: {call: ['read_a*', list]}}", None) == [
        "tools.call narrower low: - read_*  (now list, read_a*)"
    ]
    assert changed("{tools: {call: ['read_*']}}", "{tools: {call: ['*_file']}}", None) == [
        "tools.call incomparable medium: + *_file  - read_*  (was read_*)"
    ]
    assert changed("{tools: {call: ['*'], except: ['delete*']}}", "{tools: {call: ['*'], except: [delete]}}", None) == [
        "tools.call wider medium: + * but not delete  (was * but not delete*)"
    ]
