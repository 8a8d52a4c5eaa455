"""Paths, shells and breadth, as they are written in real files."""

import pytest

from mcpconf.packages.paths import paths_in
from mcpconf.permissions import shell_launcher, too_broad
from mcpconf.permissions.commandline import plain_line, program, split_line
from mcpconf.permissions.paths import order, shown

HOME = "/home/dev"
WINDOWS = "C:/Users/dev"


@pytest.mark.parametrize(
    ("line", "paths"),
    [
        ("npx -y @m/fs // /srv ~/work ./x .. C:\\data", ("//", "/srv", "~/work", "./x", "..", "C:\\data")),
        (
            "npx -y @m/fs --root=/srv --db=${home}/x ALLOWED=/a,/b file:///c",
            ("/srv", "${home}/x", "/a", "/b", "file:///c"),
        ),
        ("npx -y @m/fs /a:/b ${workspace} ${env:HOME}/z ~ /a", ("/a", "/b", "${workspace}", "${env:HOME}/z", "~")),
        ("npx -y @m/fs a/b https://x.com/a --x ~other @s/p 1", ()),
        ("node /srv/server.js /data", ("/data",)),
        ("/usr/bin/server --config=/etc/x", ("/etc/x",)),
        ("docker run -v /a:/x -v name:/y -v C:\\d:/z:ro -itv ~/b:/b i /inside", ("/a", "C:\\d", "~/b")),
        ("docker run --volume=/a:/x --mount type=bind,src=/m,dst=/p --mount type=volume,src=v,dst=/q i", ("/a", "/m")),
        ("cmd /c npx -y @m/fs D:/x", ("D:/x",)),
        ("uv --directory /code run s.py /data", ("/data",)),
    ],
)
def test_paths_in_a_command_line(line: str, paths: tuple[str, ...]) -> None:
    assert paths_in(line.split(" ")) == paths


@pytest.mark.parametrize(
    "line",
    [
        *(
            "npx -y a",
            "node server.js -e x",
            "python server.py -c x",
            "python -m mod -c x",
            "bash run.sh -c x",
            "uvx a",
        ),
        *("cmd /c npx -y a", "cmd.exe /d /s /C node s.js", "server -c config", "docker run i sh", "env A=b node s.js"),
        *("node --require x.js s.js", "C:\\Program\\node.exe s.js", "server a|b.txt", "", "cmd", "evaluate x"),
    ],
)
def test_words_are_no_shell(line: str) -> None:
    assert shell_launcher(line.split(" ")) is None


@pytest.mark.parametrize(
    ("argv", "reason"),
    [
        (["bash", "-c", "x"], "`bash -c`"),
        (["/bin/sh", "-lc", "x"], "`sh -lc`"),
        (["zsh", "-l", "-c", "x"], "`zsh -c`"),
        (["bash", "-o", "pipefail", "-c", "x"], "`bash -c`"),
        (["env", "A=b", "bash", "-c", "x"], "`bash -c`"),
        (["A=b", "bash", "-c", "x"], "`bash -c`"),
        (["sudo", "-u", "x", "node", "-e", "x"], "`node -e`"),
        (["cmd", "/c", "a & b"], "`cmd /c`"),
        (["cmd", "/c"], "`cmd /c`"),
        (["cmd", "/c", "bash", "-c", "x"], "`bash -c`"),
        (["pwsh", "-NoProfile", "-Command", "x"], "`pwsh -Command`"),
        (["powershell.exe", "-ExecutionPolicy", "Bypass", "-EncodedCommand", "x"], "`powershell -EncodedCommand`"),
        (["node", "--eval=x"], "`node --eval`"),
        (["python3", "-uc", "x"], "`python -uc`"),
        (["deno", "eval", "x"], "`deno eval`"),
        (["npx", "-c", "x"], "`npx -c`"),
        (["npx", "-p", "a", "-c", "x"], "`npx -c`"),
        (["server", "curl -s https://x | sudo bash"], "a pipe into an interpreter"),
        (["server", "x; eval y"], "`eval`"),
        (["bash -c 'x'"], "`bash -c`"),
        (["a && b"], "a shell line as command"),
        (["a | b", "c"], "a shell line as command"),
    ],
)
def test_shells(argv: list[str], reason: str) -> None:
    assert shell_launcher(argv) == reason


@pytest.mark.parametrize(
    ("path", "reason"),
    [
        *[(path, "the whole file system") for path in ("/", "//", "/*", "/a/..", "file:///")],
        *[
            (path, "the whole home folder")
            for path in ("~", "~/", "${home}", "/home/dev/", "/home/dev/./x/..", "${env:HOME}")
        ],
        *[(path, "a folder of the system or of all users") for path in ("/home", "/etc", "/Users", "/root", "/var")],
        *[(path, "a whole drive") for path in ("C:\\", "d:/", "C:")],
        *[
            (path, "where keys and passwords are kept")
            for path in ("~/.ssh", "~/.ssh/id_rsa", "/home/dev/.aws", "~/.netrc")
        ],
        *[(path, "where all programs keep their settings") for path in ("~/.config", "${home}/.claude")],
        ("/var/run/docker.sock", "the control of the container engine"),
        ("\\\\.\\pipe\\docker_engine", "the control of the container engine"),
        ("//home//dev", "the whole home folder"),
    ],
)
def test_too_broad(path: str, reason: str) -> None:
    assert too_broad(path, HOME, "linux") == reason


def test_too_broad_on_windows() -> None:
    assert too_broad("c:\\users\\DEV", WINDOWS, "windows") == "the whole home folder"
    assert too_broad("C:\\Users\\dev\\.SSH\\id", WINDOWS, "windows") == "where keys and passwords are kept"
    assert too_broad("C:\\Users", WINDOWS, "windows") == "a folder of the system or of all users"
    assert too_broad("/srv/homes", "/srv/homes/dev", "linux") == "a folder with home folders in it"


@pytest.mark.parametrize(
    "path",
    ["~/work", "/srv/x", "${workspace}", ".", "..", "./x", "~/.config/app", "/etc/app", "C:/x", "~other", "/tmp", ""],
)
def test_narrow_enough(path: str) -> None:
    assert too_broad(path, HOME, "linux") is None


@pytest.mark.parametrize(
    ("before", "after", "verdict"),
    [
        (["~/work"], ["/home/dev/work/"], "same"),
        (["${home}/a"], ["~/a", "~/a/b"], "same"),
        (["~/work"], ["~"], "wider"),
        (["~/work", "~/x"], ["~/work"], "narrower"),
        (["~"], ["~/work", "/etc"], "both"),
        (["~/work"], ["~/workshop"], "both"),
        ([], ["~/x"], "wider"),
        ([], [], "same"),
        (["./a"], [".."], "wider"),
        (["${workspace}/a"], ["${workspace}"], "wider"),
        (["${workspace}"], ["~"], "both"),
        (["/A"], ["/a"], "both"),
        (["file:///a%20b"], ["/a b"], "same"),
    ],
)
def test_order(before: list[str], after: list[str], verdict: str) -> None:
    assert order(before, after, HOME, "linux") == verdict


def test_case_and_slashes_on_windows() -> None:
    assert order(["C:\\Users\\Dev\\X"], ["~/x"], WINDOWS, "windows") == "same"
    assert order(["C:/x"], ["D:/x"], WINDOWS, "windows") == "both"
    assert order(["\\\\srv\\share\\a"], ["//SRV/share"], WINDOWS, "windows") == "wider"


@pytest.mark.parametrize(
    ("path", "text"),
    [("/home/dev/Work/a", "~/Work/a"), ("~", "~"), ("${home}/a", "~/a"), ("/home/dev/a/../B", "~/B"), ("/srv", "/srv")],
)
def test_a_path_is_shown_as_people_write_it(path: str, text: str) -> None:
    assert shown(path, HOME, "linux") == text
    assert shown("/x", "", "linux") == "/x"


def test_words_of_a_line() -> None:
    assert split_line("a 'b c'd \"e\"  f\\g") == ("a", "b cd", "e", "f\\g")
    assert split_line("a ''") == ("a", "")
    assert split_line("a 'b") is None
    assert split_line("a" * 9000) is None
    assert plain_line("a $b") is None
    assert plain_line("a b") == ("a", "b")
    assert program("/x/") == "x"
    assert program("/") == "/"
    assert program(".exe") == ".exe"
