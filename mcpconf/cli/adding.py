"""`mcpconf add NAME`: a server into the manifest, by its parts or by what a registry says of it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any, TypeAlias

import typer

from mcpconf.cli.editing import DryOption, show_revised
from mcpconf.cli.options import DEFAULT_MANIFEST, ColorOption, FormatOption, ManifestOption
from mcpconf.errors import ExitCode, McpconfError, Problem

if TYPE_CHECKING:
    from mcpconf.documents.editing import Revised
    from mcpconf.model.base import Json

    Given: TypeAlias = dict[str, Any]

CommandArgument = Annotated[
    list[str], typer.Argument(metavar="COMMAND", help="Behind `--`: what starts it, with its arguments.")
]
PackageOption = Annotated[
    str | None, typer.Option("--package", metavar="npm:NAME", help="Or pypi:, oci:; of a registry, its kind.")
]
VersionOption = Annotated[
    str | None,
    typer.Option("--version", metavar="VERSION", help="The exact version, or `unpinned`; of a registry, its version."),
]
HashOption = Annotated[str | None, typer.Option("--hash", metavar="HASH", help="The hash that the artifact must have.")]
ProgramOption = Annotated[
    str | None, typer.Option("--bin", metavar="PROGRAM", help="The program of the package, if it has several.")
]
UrlOption = Annotated[str | None, typer.Option("--url", metavar="URL", help="The address of a remote server.")]
TransportOption = Annotated[
    str | None, typer.Option("--transport", metavar="http|sse", help="How it is reached; http if not given.")
]
WordsOption = Annotated[list[str], typer.Option("--arg", metavar="TEXT", help="An argument; for several, repeat it.")]
EnvironmentOption = Annotated[list[str], typer.Option("--env", metavar="NAME=VALUE", help="A variable, not secret.")]
SecretOption = Annotated[
    list[str],
    typer.Option(
        "--secret", metavar="NAME[=SECRET]", help="A variable, from the secret of this name; of a registry, any secret."
    ),
]
HeaderOption = Annotated[list[str], typer.Option("--header", metavar="NAME=VALUE", help="A header, not secret.")]
HeaderSecretOption = Annotated[
    list[str], typer.Option("--header-secret", metavar="NAME=SECRET", help="A header, from the secret of this name.")
]
PrefixOption = Annotated[
    str | None,
    typer.Option(
        "--prefix", metavar="TEXT", help="What stands before the secret in a header, with its blank: `Bearer `."
    ),
]
FolderOption = Annotated[str | None, typer.Option("--cwd", metavar="FOLDER", help="The folder it is started in.")]
TimeoutOption = Annotated[str | None, typer.Option("--timeout", metavar="SECONDS", help="For one call.")]
HostOption = Annotated[
    list[str], typer.Option("--host", metavar="HOST", help="A host that gets it; for several, repeat it.")
]
OwnerOption = Annotated[str | None, typer.Option("--owner", metavar="TEXT", help="Who answers for it.")]
ReasonOption = Annotated[str | None, typer.Option("--reason", metavar="TEXT", help="What it is for.")]
ExpiryOption = Annotated[str | None, typer.Option("--expires", metavar="DATE", help="Until when it is approved.")]


AliasOption = Annotated[str | None, typer.Option("--as", metavar="NAME", help="What the manifest calls it.")]
FileOption = Annotated[
    str | None, typer.Option("--from", metavar="FILE", help="A `server.json`, in place of a registry's answer.")
]
RegistryOption = Annotated[
    str | None,
    typer.Option("--registry", metavar="URL|FILE", help="The registry to ask, or a list saved from one."),
]
FillOption = Annotated[
    list[str], typer.Option("--set", metavar="NAME=VALUE", help="What a registry's document leaves open.")
]
OfflineOption = Annotated[bool, typer.Option("--offline", help="Ask nobody on the network.")]

_OF_A_REGISTRY = ("as", "from", "registry", "set", "offline")
_OF_PARTS = ("command", "hash", "bin", "url", "transport", "arg", "env", "header", "header-secret", "prefix")
_MORE = ("cwd", "timeout", "owner", "reason", "expires")


def add(
    name: Annotated[str, typer.Argument(metavar="NAME", help="Its name; or that in a registry, with a `/`.")],
    command: CommandArgument = [],  # noqa: B006 - typer copies it, as all below
    package: PackageOption = None,
    version: VersionOption = None,
    hash: HashOption = None,
    bin: ProgramOption = None,
    url: UrlOption = None,
    transport: TransportOption = None,
    arg: WordsOption = [],  # noqa: B006
    env: EnvironmentOption = [],  # noqa: B006
    secret: SecretOption = [],  # noqa: B006
    header: HeaderOption = [],  # noqa: B006
    header_secret: HeaderSecretOption = [],  # noqa: B006
    prefix: PrefixOption = None,
    cwd: FolderOption = None,
    timeout: TimeoutOption = None,
    host: HostOption = [],  # noqa: B006
    owner: OwnerOption = None,
    reason: ReasonOption = None,
    expires: ExpiryOption = None,
    dry_run: DryOption = False,
    alias: AliasOption = None,
    file: FileOption = None,
    registry: RegistryOption = None,
    fill: FillOption = [],  # noqa: B006
    offline: OfflineOption = False,
    manifest: ManifestOption = DEFAULT_MANIFEST,
    format: FormatOption = "text",
    color: ColorOption = "auto",
) -> None:
    """Add a server to the manifest.

    A package with its version, the address of a remote server, or a command behind `--`. Or the name of a server in a
    registry, such as `io.github.org/server`: then its document says the rest, and `--package npm` (`pypi`, `oci`, `mcpb`,
    `remote`) picks what is taken; npm comes first, `remote` last. `--set` fills in what it leaves open. Comments and
    layout stay. A secret is given by its name. Without `--host` every host gets it that has no list of its own.
    """
    given: Given = {"package": package, "version": version, "hash": hash, "bin": bin, "url": url}
    given |= {"transport": transport, "offline": offline, "cwd": cwd, "timeout": timeout}
    given |= {"command": command, "arg": arg, "env": env, "secret": secret, "header": header, "prefix": prefix}
    given |= {"header-secret": header_secret, "as": alias, "from": file, "registry": registry, "set": fill}
    given |= {"owner": owner, "reason": reason, "expires": expires}
    given = {key: value for key, value in given.items() if value is not None and value != [] and value is not False}
    by = _published if "/" in name or file is not None else _stated
    show_revised(by(name, given, (manifest, tuple(host)), write=not dry_run), (format, color))


def _stated(name: str, given: Given, where: tuple[str, tuple[str, ...]], *, write: bool) -> Revised:
    """By its parts."""
    from mcpconf.authoring import servers

    for option in _OF_A_REGISTRY:
        if option in given:
            raise _usage(
                f"`--{option}` goes with a name in a registry", "such a name has a `/`: `io.github.org/server`"
            )
    prefix = given.pop("prefix", None)
    if prefix is not None and "header-secret" not in given:
        raise _usage("`--prefix` goes with `--header-secret`", "name the header, or leave the prefix out")
    env = _pairs(given.pop("env", []), "--env") | _secrets(given.pop("secret", []), "--secret", "")
    headers = _pairs(given.pop("header", []), "--header")
    headers |= _secrets(given.pop("header-secret", []), "--header-secret", prefix or "")
    made = {"args" if key == "arg" else key: value for key, value in given.items()}
    made |= {key: value for key, value in (("env", env), ("headers", headers)) if value}
    order = ("package", "version", "hash", "bin", "url", "transport", "command", "args", "env", "headers", *_MORE)
    server = {key: made[key] for key in order if key in made}
    return servers.add(where[0], name, server, where[1], write=write)


def _published(name: str, given: Given, where: tuple[str, tuple[str, ...]], *, write: bool) -> Revised:
    """By what a registry says of it."""
    from mcpconf.authoring import registry
    from mcpconf.authoring.registry_inputs import Said, label_of
    from mcpconf.authoring.registry_source import Source
    from mcpconf.cli.options import machine
    from mcpconf.system.workshop import workshop

    for option in _OF_PARTS:
        if option in given:
            told = "a command" if option == "command" else f"`--{option}`"
            raise _usage(
                f"{told} says what the registry says of `{name}`", "leave it out, or `--set` what is left open"
            )
    source = Source(given.get("registry", ""), given.get("from", ""))
    values: dict[str, tuple[str, ...]] = {}
    for word in given.get("set", []):
        key, equals, value = word.partition("=")
        if not equals or not label_of(key):
            raise _usage("`--set` takes NAME=VALUE", "put `=` between them, in one word")
        values[label_of(key)] = (*values.get(label_of(key), ()), value)
    secrets = _secrets(given.get("secret", []), "--secret", "")
    said = Said(values, {label_of(key): value["secret"] for key, value in secrets.items()})
    more = {key: given[key] for key in _MORE if key in given}
    alias, version, package = (given.get(key, "") for key in ("as", "version", "package"))
    request = registry.Request(name, alias, version, package, said, more, where[1])
    here = workshop(machine(None), offline="offline" in given)
    return registry.add(where[0], request, source, here, write=write)


def _pairs(words: list[str], option: str) -> dict[str, Json]:
    pairs: dict[str, Json] = {}
    for word in words:
        name, equals, value = word.partition("=")
        if not equals or not name:
            raise _usage(f"`{option}` takes NAME=VALUE", "put `=` between them, in one word")
        _once(pairs, name, option)
        pairs[name] = value
    return pairs


def _secrets(words: list[str], option: str, prefix: str) -> dict[str, Json]:
    """Without a name of its own, the secret has that of the variable."""
    pairs: dict[str, Json] = {}
    for word in words:
        name, equals, secret = word.partition("=")
        if not name or (equals and not secret) or (option == "--header-secret" and not equals):
            raise _usage(
                f"`{option}` takes the name of a secret", f"`mcpconf add --help` shows how `{option}` is written"
            )
        _once(pairs, name, option)
        pairs[name] = {"secret": secret or name} | ({"prefix": prefix} if prefix else {})
    return pairs


def _once(pairs: dict[str, Json], name: str, option: str) -> None:
    from mcpconf.model.written import shown

    if name in pairs:
        raise _usage(f"{shown(name)} is given twice with `{option}`", "keep one")


def _usage(message: str, hint: str) -> McpconfError:
    return McpconfError(ExitCode.USAGE, Problem("usage", message, None, hint))
