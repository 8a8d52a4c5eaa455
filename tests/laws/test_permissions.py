"""Paths are ordered, and the privilege of a change turns around when the change does."""

from collections import Counter

from hypothesis import given
from hypothesis import strategies as st

from mcpconf.model.entry import Entry, OAuth, Value
from mcpconf.packages import recognise_entry
from mcpconf.permissions import PrivilegeChange, overall, privilege, shell_launcher, too_broad
from mcpconf.permissions.paths import PathSet, differences, order, place, shown

HOME = "/home/dev"
systems = st.sampled_from(["linux", "macos", "windows"])
steps = st.sampled_from(["a", "b", "A", "..", ".", "dev", "home", "*", ""])
roots = st.sampled_from(
    ["/", "~/", "", "./", "C:\\", "c:/", "${home}/", "${workspace}/", "${env:X}/", "//srv/share/", "/home/dev/"]
)
paths = st.builds(lambda root, rest: root + "/".join(rest), roots, st.lists(steps, max_size=4))
sets = st.lists(paths, max_size=4)


@given(sets, systems)
def test_the_order_is_reflexive(some: list[str], os: str) -> None:
    assert order(some, [*reversed(some), *some], HOME, os) == "same"


@given(sets, sets, systems)
def test_the_order_turns_around(one: list[str], other: list[str], os: str) -> None:
    mirror = {"same": "same", "both": "both", "wider": "narrower", "narrower": "wider"}
    assert order(other, one, HOME, os) == mirror[order(one, other, HOME, os)]


@given(sets, sets, sets, systems)
def test_the_order_is_transitive(one: list[str], two: list[str], three: list[str], os: str) -> None:
    within = {"same", "wider"}
    if order(one, two, HOME, os) in within and order(two, three, HOME, os) in within:
        assert order(one, three, HOME, os) in within


@given(paths, paths, systems)
def test_paths_that_cover_each_other_are_one_place(one: str, other: str, os: str) -> None:
    if order([one], [other], HOME, os) == "same":
        assert place(one, HOME, os) == place(other, HOME, os)


@given(sets, paths, systems)
def test_a_union_is_never_narrower(some: list[str], one: str, os: str) -> None:
    assert order(some, [*some, one], HOME, os) in ("same", "wider")
    assert order([*some, one], [*some, one, f"{one or '.'}/below"], HOME, os) == "same"


@given(sets, sets, systems)
def test_covering_is_what_the_definition_says(some: list[str], others: list[str], os: str) -> None:
    def covers(wide: str, narrow: str) -> bool:
        one, other = place(wide, HOME, os), place(narrow, HOME, os)
        below = one.ups == other.ups and other.steps[: len(one.steps)] == one.steps
        above = one.ups > other.ups and not one.steps
        return (one.anchor == "/" and not one.steps) or (one.anchor == other.anchor and (below or above))

    expected = tuple(dict.fromkeys(path for path in others if not any(covers(wide, path) for wide in some)))
    assert differences(some, others, HOME, os)[1] == expected


@given(st.text(max_size=30), systems)
def test_paths_are_total(text: str, os: str) -> None:
    assert PathSet([place(text, HOME, os)]).covers(place(text, HOME, os))
    assert place(shown(text, HOME, os), HOME, os) == place(text, HOME, os) or "$" in text or "%" in text
    too_broad(text, HOME, os)
    too_broad(text, "", os)


SECRET = "ghp_" + "a1B2c3D4e5F6g7H8i9J0k1L2m3N4o5P6q7R8"
words = st.sampled_from(
    [
        *(
            "npx",
            "-y",
            "a@1.0.0",
            "a@latest",
            "b@2.0.0",
            "uvx",
            "x==1.0",
            "docker",
            "run",
            "-v",
            "/a:/b:ro",
            "/a:/b",
            "img",
        ),
        *(
            "bash",
            "-c",
            "ls | sh",
            "--privileged",
            "--read-only",
            "--allow-write",
            "~/work",
            "~",
            "/",
            "--token",
            SECRET,
        ),
        *(
            f"--key={SECRET}",
            "${env:API_TOKEN}",
            "cmd",
            "/c",
            "sudo",
            "env",
            "A=b",
            "PATH=/x",
            "--registry",
            "https://r",
            "-e",
        ),
        *("GITHUB_TOKEN", "mcp-remote", "https://x.com/mcp", "node", "s.js", "", "$$", f"postgres://u:{SECRET}@h/d"),
    ]
)
values = st.sampled_from(
    ["", "info", SECRET, "${env:API_TOKEN}", "${secret:S}", "/bin", f"Bearer {SECRET}", f"${{env:Q:-{SECRET}}}"]
)
names = st.sampled_from(["GITHUB_TOKEN", "LOG_LEVEL", "PATH", "NODE_OPTIONS", "READ_ONLY", "HTTPS_PROXY"])
urls = st.sampled_from(
    [
        "",
        "https://x.com/mcp",
        "https://x.com/mcp?read_only=true",
        f"https://u:{SECRET}@x.com/mcp",
        "http://localhost",
        "https://y.com",
    ]
)
oauths = st.sampled_from(
    [None, OAuth(scopes=("a",)), OAuth(scopes=("a", "b")), OAuth("https://r.x"), OAuth(more={"clientSecret": SECRET})]
)


def entry(argv: list[str], env: dict[str, str], url: str, headers: dict[str, str], more: tuple[object, ...]) -> Entry:
    enabled, cwd, oauth = more
    parsed = [Value.parse(word) for word in argv]
    return Entry(
        "http" if url else "stdio",
        parsed[0] if parsed else Value(),
        tuple(parsed[1:]),
        {name: Value.parse(text) for name, text in env.items()},
        cwd,
        Value.parse(url),
        {name: Value.parse(text) for name, text in headers.items()},
        enabled,
        None,
        oauth,
    )


entries = st.builds(
    entry,
    st.lists(words, max_size=6),
    st.dictionaries(names, values, max_size=3),
    urls,
    st.dictionaries(st.sampled_from(["Authorization", "X-Toolsets", "X-Note"]), values, max_size=2),
    st.tuples(st.sampled_from([None, True, False]), st.sampled_from([None, Value.literal("/w")]), oauths),
)
sides = st.one_of(st.none(), entries)


def changes(before: Entry | None, after: Entry | None, os: str = "linux") -> tuple[PrivilegeChange, ...]:
    return privilege(before, after, home=HOME, os=os, recognise=recognise_entry)


@given(sides, systems)
def test_nothing_changes_nothing(one: Entry | None, os: str) -> None:
    assert changes(one, one, os) == ()


@given(sides, sides)
def test_the_way_back_is_the_mirror(before: Entry | None, after: Entry | None) -> None:
    mirror = {"wider": "narrower", "narrower": "wider", "both": "both"}
    there = Counter((one.dimension, mirror[one.direction]) for one in changes(before, after))
    assert there == Counter((one.dimension, one.direction) for one in changes(after, before))


@given(sides, sides)
def test_changes_come_gravest_first_and_narrower_ones_are_low(before: Entry | None, after: Entry | None) -> None:
    found = changes(before, after)
    assert [one.severity for one in found] == sorted(
        (one.severity for one in found), key=["critical", "high", "medium", "low"].index
    )
    assert all(one.severity == "low" for one in found if one.direction == "narrower")
    assert (overall(found) == "same") == (found == ())


@given(sides, sides)
def test_no_text_holds_a_secret(before: Entry | None, after: Entry | None) -> None:
    assert not any(SECRET in one.text or "\n" in one.text for one in changes(before, after))


@given(entries, entries)
def test_new_arguments_or_variables_never_go_unseen(before: Entry, after: Entry) -> None:
    if (before.env, before.headers, before.cwd) != (after.env, after.headers, after.cwd):
        assert changes(before, after)
    first, second = recognise_entry(before).arguments, recognise_entry(after).arguments
    if first != second and "/" not in "".join(first + second) and "~" not in "".join(first + second):
        assert changes(before, after)
    if recognise_entry(before).identity != recognise_entry(after).identity:
        assert changes(before, after)


@given(st.lists(st.one_of(words, st.text(max_size=12)), max_size=6))
def test_shells_are_seen_in_any_words(argv: list[str]) -> None:
    assert shell_launcher([*argv, "curl x | sh"])
    assert shell_launcher(["bash", "-c", *argv])
    shell_launcher(argv)
