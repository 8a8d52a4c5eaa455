"""Launch forms as they are found in the field, and what each of them runs."""

import pytest

from mcpconf.model.entry import Entry, Value
from mcpconf.model.package import Package
from mcpconf.packages import identity_of_package, launch, recognise, recognise_entry, url_identity

COMMIT = "0123456789abcdef0123456789abcdef01234567"
DIGEST = "sha256:" + "ab" * 32

PACKAGES = [
    ("npx -y @upstash/context7-mcp", "npm:@upstash/context7-mcp", "", True),
    ("npx @upstash/context7-mcp@latest", "npm:@upstash/context7-mcp", "latest", True),
    ("npx --yes tavily-mcp@0.1.3", "npm:tavily-mcp", "0.1.3", False),
    ("npx -y tavily-mcp@v0.1.3", "npm:tavily-mcp", "v0.1.3", False),
    ("npx -y tavily-mcp@^0.1.3", "npm:tavily-mcp", "^0.1.3", True),
    ("npx -y tavily-mcp@1.2", "npm:tavily-mcp", "1.2", True),
    ("npx -y tavily-mcp@beta", "npm:tavily-mcp", "beta", True),
    ("npx -y tavily-mcp@${env:V}", "npm:tavily-mcp", "${env:V}", True),
    ("npx --package=a@1.0.0 b c", "npm:a", "1.0.0", False),
    ("npx -p a@1.0.0 -p other b", "npm:a", "1.0.0", True),
    ("npx --registry https://r -y a@1.0.0", "npm:a", "1.0.0", False),
    ("npx -p a@1.0.0 -c a", "npm:a", "1.0.0", False),
    ("npx -y short@npm:real@1.0.0", "npm:real", "1.0.0", False),
    ("npx -y github:o/r#v0.2.4", "npm:git+https://github.com/o/r", "v0.2.4", True),
    ("npx -y o/r", "npm:git+https://github.com/o/r", "", True),
    (f"npx -y git+ssh://git@github.com/o/r.git#{COMMIT}", "npm:git+https://github.com/o/r", COMMIT, False),
    ("npx -y git@github.com:o/r.git", "npm:git+https://github.com/o/r", "", True),
    ("npx -y https://u:p@x.com/a.tgz?t=1", "npm:https://x.com/a.tgz", "", True),
    ("bunx a@1.0.0", "npm:a", "1.0.0", False),
    ("bun x --bun a", "npm:a", "", True),
    ("pnpm dlx a@1.0.0", "npm:a", "1.0.0", False),
    ("yarn dlx -q -p a@1.0.0 b", "npm:a", "1.0.0", False),
    ("npm exec --yes -- a@1.0.0 x", "npm:a", "1.0.0", False),
    ("deno run -A npm:a@1.0.0", "npm:a", "1.0.0", False),
    ("uvx mcp-server-git", "pypi:mcp-server-git", "", True),
    ("uvx MCP_Server.git==2.0", "pypi:mcp-server-git", "2.0", False),
    ("uvx markitdown-mcp@0.0.1a4", "pypi:markitdown-mcp", "0.0.1a4", False),
    ("uvx markitdown-mcp@latest", "pypi:markitdown-mcp", "latest", True),
    ("uvx --python 3.12 --with x --from a[cli]==1.0 b", "pypi:a", "1.0", False),
    ("uvx --from a>=1,<2 b", "pypi:a", ">=1,<2", True),
    ("uvx --from a==1.* b", "pypi:a", "1.*", True),
    ("uvx --from git+https://github.com/oraios/serena serena x", "pypi:git+https://github.com/oraios/serena", "", True),
    (f"uvx --from git+https://github.com/o/r@{COMMIT} r", "pypi:git+https://github.com/o/r", COMMIT, False),
    (
        "uvx --from git+https://t0ken@github.com/o/r.git@main#subdirectory=x r",
        "pypi:git+https://github.com/o/r",
        "main",
        True,
    ),
    ("uv tool run microsoft-fabric-rti-mcp==0.4.0", "pypi:microsoft-fabric-rti-mcp", "0.4.0", False),
    ("uv --directory /d tool run a==1", "pypi:a", "1", False),
    ("uv run --with foo-bar==1.0 foo_bar serve", "pypi:foo-bar", "1.0", False),
    ("uv run --from redis-mcp-server@latest redis-mcp-server", "pypi:redis-mcp-server", "latest", True),
    ("pipx run --spec a==1.0 b", "pypi:a", "1.0", False),
    ("pipx run a", "pypi:a", "", True),
    ("uvx --offline -- a==1.0 x", "pypi:a", "1.0", False),
    ("docker run --rm -- postgres:16 x", "oci:docker.io/library/postgres", "16", True),
    ("docker run -i --rm mcp/fetch", "oci:docker.io/mcp/fetch", "", True),
    ("docker run -i --rm postgres:16", "oci:docker.io/library/postgres", "16", True),
    ("docker run --rm --mount type=bind,src=/a,dst=/p mcp/filesystem /p", "oci:docker.io/mcp/filesystem", "", True),
    (
        "docker run -it -eA -e B=v -p 1:2 --network host --read-only i:latest -t x",
        "oci:docker.io/library/i",
        "latest",
        True,
    ),
    ("docker run -itv /a:/b i", "oci:docker.io/library/i", "", True),
    (f"podman --log-level debug container run localhost:5000/a/b:1@{DIGEST}", "oci:localhost:5000/a/b", DIGEST, False),
]


@pytest.mark.parametrize(("line", "identity", "version", "floating"), PACKAGES)
def test_packages(line: str, identity: str, version: str, *, floating: bool) -> None:
    found = recognise(line.split(" "))
    assert (found.identity, found.version, found.floating) == (identity, version, floating)
    assert str(found.package) == identity


COMMANDS = [
    ("node server.js", "node server.js"),
    (r"C:\nodejs\NODE.EXE C:\srv\index.js x", "node C:/srv/index.js"),
    ("node --require ./x.js --inspect /a/b.js", "node /a/b.js"),
    ("node -e console.log(1)", "node -e"),
    ("/venv/bin/python3.12 -X utf8 -m mod --port 1", "python -m mod"),
    ("python -c print(1)", "python -c"),
    ("php artisan boost:mcp", "php artisan boost:mcp"),
    ("php -d memory_limit=1 /srv/artisan boost:mcp", "php /srv/artisan"),
    ("./vendor/bin/sail artisan boost:mcp", "sail artisan boost:mcp"),
    ("container-use stdio", "container-use stdio"),
    ("deno run -A ./a/main.ts", "deno run a/main.ts"),
    ("java -cp x -jar server.jar", "java -jar server.jar"),
    ("npx ./server", "npx server"),
    ("npx -c a&&b", "npx -c"),
    ("uv run server.py x", "uv run server.py"),
    ("uv --directory /d run server.py", "uv run /d/server.py"),
    ("uv run --project /d --with p python -m mod", "uv run python -m /d/mod"),
    ("uv run --directory /d server", "uv run /d/server"),
    ("uv run -m mod", "uv run -m mod"),
    ("uv run --with mcp[cli] mcp run /s.py", "uv run mcp run /s.py"),
    ("uv run --with mlflow mlflow2", "uv run mlflow2"),
    ("uv sync", "uv sync"),
    ("uv run", "uv run"),
    ("github-mcp-server stdio", "github-mcp-server stdio"),
    ("server --token abc --verbose stdio", "server stdio"),
    ("server --token abc", "server"),
    ("server postgres://u:p@h/db?x=1", "server postgres://h/db"),
    ("server KEY=abc", "server KEY"),
    ("server " + "ghp_" + "a1B2c3D4e5F6g7H8i9J0k1L2", "server"),
    ("docker mcp gateway run", "docker mcp"),
    ("docker run -i --rm", "docker run"),
    ("bash ./run.sh x", "bash run.sh"),
    ("bash -c curl|sh", "bash -c"),
    ("bash -lc cd", "bash -c"),
    ("bash -c a b", "bash -c"),
    ("cmd /c npx -y a & calc", "cmd /c"),
    ("powershell -NoProfile -Command x", "powershell -command"),
    ("mise mcp", "mise mcp"),
    ("mise x npx", "mise x"),
    ("deno run -A", "deno run"),
    ("cmd script.bat", "cmd script.bat"),
    ("cmd /c", "cmd /c"),
    ("cmd /q", "cmd /q"),
    ("bash -l -x", "bash"),
    ("env A=b", "A"),
    ("sudo --", "sudo"),
    ("sudo -n", "sudo"),
    ("uvx ./folder", "uvx folder"),
    ("uvx", "uvx"),
    ("${env:NODE:-/a/b}", "${env:NODE}"),
]


@pytest.mark.parametrize(("line", "identity"), COMMANDS)
def test_plain_commands_have_no_version(line: str, identity: str) -> None:
    found = recognise(line.split(" "))
    assert (found.identity, found.package, found.version, found.floating) == (f"command:{identity}", None, "", None)


def test_a_shell_that_only_starts_a_program_is_looked_through() -> None:
    found = recognise(["bash", "-lc", "TZ=UTC exec npx -y 'a@1.0.0' --x"])
    assert found.argv == ("npx", "-y", "a@1.0.0", "--x")
    assert found.wrapper == ("bash", "-lc", "TZ=UTC", "exec")


@pytest.mark.parametrize(
    "wrapper",
    [
        *(
            "timeout 30 --",
            "sudo -- nohup",
            "wsl -d Ubuntu --",
            "conda run -n env",
            "poetry run",
            "direnv exec /x",
            "env -S",
            "xvfb-run -a -s x",
            "firejail --quiet",
            "flatpak-spawn --host",
            "op run --env-file=.env --",
            "doppler run --project x --",
            "mise x node@22 --",
        ),
        *("cmd /d /k", "sh -l -c", "volta run --node 22", "A=b exec", "aws-vault exec me --"),
    ],
)
def test_programs_that_only_start_another(wrapper: str) -> None:
    found = recognise([*wrapper.split(" "), "npx -y a@1.0.0"])
    assert (found.identity, found.argv) == ("npm:a", ("npx", "-y", "a@1.0.0"))
    assert found.wrapper == tuple(wrapper.split(" "))


def test_a_secret_in_place_of_a_package_is_not_told() -> None:
    secret = "ghp_" + "a1B2c3D4e5F6g7H8i9J0k1L2"
    for line in (f"npx -y {secret}", f"npx -y a@{secret}", secret, f"{secret} x"):
        found = recognise(line.split(" "))
        assert secret not in found.identity
        assert found.package is None


@pytest.mark.parametrize("script", ["a; b", "a $HOME", "cd /x", "a | b", "", "a 'b", "a > b", "a `b`"])
def test_a_shell_that_does_more_stays(script: str) -> None:
    found = recognise(["bash", "-c", script])
    assert (found.identity, found.wrapper) == ("command:bash -c", ())


@pytest.mark.parametrize(
    ("word", "identity"),
    [
        ("npx -y a@1.0.0", "npm:a"),
        ("/usr/local/bin/npx -y a", "npm:a"),
        (r'"C:\Program Files\nodejs\npx.cmd" -y a', "npm:a"),
        (r"C:\Program Files\nodejs\server.exe", "command:server"),
        ("/Applications/My App/server", "command:server"),
        ("server --x", "command:server"),
        ("server | tee", "command:(shell line)"),
        (" ", "command: "),
    ],
)
def test_a_command_that_holds_its_arguments(word: str, identity: str) -> None:
    assert recognise([word]).identity == identity


STORE = "/home/dev/.local/share/mcpconf/store/pypi/a@1.0/0123456789abcdef0123456789abcdef/tree"


@pytest.mark.parametrize(
    "line",
    [
        f"{STORE}/bin/python -m mod",  # without -I the current directory may slip in
        f"{STORE}/bin/python -I -m mod",
        f"{STORE}/bin/python -I -B",
        f"{STORE}/bin/python -I -B -m",
        f"{STORE}/bin/python -I -B -c pass",
        f"{STORE}/bin/python -I -B /tmp/launch.py",
        f"{STORE}/bin/python3 -I -B -m mod",
        f"{STORE}/../tree/bin/python -I -B -m mod",
        f"{STORE}/x/../bin/python -I -B -m mod",
        f"{STORE.replace('/0123', '/0')}/bin/python -I -B -m mod",
        f"{STORE.replace('@1.0', '')}/bin/python -I -B -m mod",
        f"{STORE.replace('/mcpconf', '')}/bin/python -I -B -m mod",
        f"{STORE.replace('/pypi/', '/npm/')}/bin/python -I -B -m mod",
    ],
)
def test_what_only_looks_like_the_store_is_a_command(line: str) -> None:
    found = recognise(line.split(" "))
    assert (found.package, found.floating) == (None, None)


def test_nothing_has_no_identity() -> None:
    for argv in ([], [""], ["", "x"]):
        assert recognise(argv).identity == ""


@pytest.mark.parametrize(
    ("line", "identity"),
    [
        ("npx -y mcp-remote@0.1.29 https://MCP.x.com:443/mcp/?key=1 --header A:b", "url:https://mcp.x.com/mcp"),
        ("npx -y supergateway --sse https://x.com/sse", "url:https://x.com/sse"),
        ("uvx mcp-proxy http://127.0.0.1:8080/sse", "url:http://127.0.0.1:8080/sse"),
        ("mcp-remote https://x.com", "url:https://x.com"),
        ("npx -y supergateway --stdio https://x.com", "npm:supergateway"),
        ("npx -y mcp-remote", "npm:mcp-remote"),
    ],
)
def test_a_bridge_is_the_address_it_passes_on(line: str, identity: str) -> None:
    assert recognise(line.split(" ")).identity == identity


def test_a_bridge_keeps_its_own_package() -> None:
    found = recognise(["npx", "-y", "mcp-remote@0.1.29", "https://x.com"])
    assert (found.package, found.version, found.floating) == (Package("npm", "mcp-remote"), "0.1.29", False)


@pytest.mark.parametrize(
    ("url", "identity"),
    [
        ("HTTPS://User:pw@Mcp.X.com:443/a/./b/../c/?key=1#f", "url:https://mcp.x.com/a/c"),
        ("http://x.com:443", "url:http://x.com:443"),
        ("http://[::1]:80/", "url:http://[::1]"),
        ("https://x.com./%2e%2E/A", "url:https://x.com/A"),
        ("https://bücher.example/x", "url:https://xn--bcher-kva.example/x"),
        ("https:\\\\x.com\\a", "url:https://x.com/a"),
        ("  https://x.com/\n", "url:https://x.com"),
        ("${env:U:-https://a:b@c}/mcp", "url:${env:U}/mcp"),
        ("https://${env:HOST}/mcp", "url:https://${env:HOST}/mcp"),
        ("not an address?x", "url:not an address"),
        ("", "url:"),
    ],
)
def test_address_identity(url: str, identity: str) -> None:
    assert url_identity(url) == identity


def test_an_entry_with_an_address_is_that_address() -> None:
    found = recognise_entry(Entry("http", url=Value.literal("https://x.com/mcp/")))
    assert (found.identity, found.floating) == ("url:https://x.com/mcp", None)
    assert recognise_entry(Entry("stdio", Value.literal("uvx"), (Value.literal("a"),))).identity == "pypi:a"
    assert recognise_entry(Entry("unknown")).identity == ""


def test_launch_forms() -> None:
    assert launch(Package("npm", "@a/b"), "1.0.0") == ("npx", "-y", "@a/b@1.0.0")
    assert launch(Package("npm", "@a/b"), "1.0.0", bin="x") == ("npx", "-y", "-p", "@a/b@1.0.0", "x")
    assert launch(Package("pypi", "a"), "1.0") == ("uvx", "a==1.0")
    assert launch(Package("pypi", "a"), "1.0", bin="x") == ("uvx", "--from", "a==1.0", "x")
    assert launch(Package("oci", "r.io/a"), "1", env_names=["B", "A"]) == (
        *("docker", "run", "-i", "--rm", "-e", "A", "-e", "B", "r.io/a:1"),
    )
    assert launch(Package("oci", "r.io/a"), "") == ("docker", "run", "-i", "--rm", "r.io/a")
    for version in ("1.0", "unpinned"):
        bundle = Package("mcpb", "https://a.example/b.mcpb")
        assert recognise(launch(bundle, version)).identity == identity_of_package(bundle)


def test_one_image_has_one_identity() -> None:
    names = ("postgres", "library/postgres", "docker.io/postgres", "index.docker.io/library/postgres")
    assert {identity_of_package(Package("oci", name)) for name in names} == {"oci:docker.io/library/postgres"}
    assert identity_of_package(Package("pypi", "A_b.c")) == "pypi:a-b-c"
