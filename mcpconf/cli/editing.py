"""Commands that change the manifest. What people wrote around the change stays as it is."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Annotated

import typer

from mcpconf.cli.options import DEFAULT_MANIFEST, ColorOption, FormatOption, ManifestOption, RootOption, machine
from mcpconf.errors import ExitCode, McpconfError, Problem

if TYPE_CHECKING:
    from mcpconf.documents.editing import Revised
    from mcpconf.model.base import Json

CommandArgument = Annotated[
    list[str], typer.Argument(metavar="COMMAND", help="Behind `--`: what starts it, with its arguments.")
]
PackageOption = Annotated[str | None, typer.Option("--package", metavar="npm:NAME", help="Or pypi:, oci:.")]
VersionOption = Annotated[
    str | None, typer.Option("--version", metavar="VERSION", help="The exact version, or `unpinned`.")
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
    list[str], typer.Option("--secret", metavar="NAME[=SECRET]", help="A variable, from the secret of this name.")
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
DryOption = Annotated[bool, typer.Option("--dry-run", help="Show what would change, and write nothing.")]


def add(
    name: Annotated[str, typer.Argument(metavar="NAME", help="Lower-case letters, digits and `-`.")],
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
    manifest: ManifestOption = DEFAULT_MANIFEST,
    format: FormatOption = "text",
    color: ColorOption = "auto",
) -> None:
    """Add a server to the manifest.

    A package with its version, the address of a remote server, or a command behind `--`. Comments and layout stay. A
    secret is given by its name. Without `--host` every host gets it that has no list of servers of its own.
    """
    from mcpconf.authoring import servers

    if prefix is not None and not header_secret:
        raise _usage("`--prefix` goes with `--header-secret`", "name the header, or leave the prefix out")
    what = {"package": package, "version": version, "hash": hash, "bin": bin, "url": url, "transport": transport}
    variables = _pairs(env, "--env") | _secrets(secret, "--secret", "")
    headers = _pairs(header, "--header") | _secrets(header_secret, "--header-secret", prefix or "")
    how = {"command": list(command), "args": list(arg), "env": variables, "headers": headers}
    why = {"cwd": cwd, "timeout": timeout, "owner": owner, "reason": reason, "expires": expires}
    server = {key: value for key, value in {**what, **how, **why}.items() if value not in (None, [], {})}
    _show(servers.add(manifest, name, server, tuple(host), write=not dry_run), (format, color))


def remove(
    name: Annotated[str, typer.Argument(metavar="SERVER", help="A server of the manifest.")],
    dry_run: DryOption = False,
    manifest: ManifestOption = DEFAULT_MANIFEST,
    format: FormatOption = "text",
    color: ColorOption = "auto",
) -> None:
    """Remove a server from the manifest, and from every list in it.

    Comments and layout of the rest stay. The next apply takes it off the machines that got it from this manifest.
    """
    from mcpconf.authoring import servers

    _show(servers.remove(manifest, name, write=not dry_run), (format, color))


def adopt(
    addresses: Annotated[
        list[str], typer.Argument(metavar="ADDRESS", help="Entries or approvals, as a plan prints them.")
    ],
    write: Annotated[bool, typer.Option("--write", help="Change the manifest, instead of showing the patch.")] = False,
    everywhere: Annotated[
        bool, typer.Option("--everywhere", help="Also where it cannot be said without changing other hosts.")
    ] = False,
    manifest: ManifestOption = DEFAULT_MANIFEST,
    root: RootOption = None,
    format: FormatOption = "text",
    color: ColorOption = "auto",
) -> None:
    """Take what the machine has into the manifest.

    An entry that is not in it becomes a server, as `mcpconf import` would write it; what was changed by hand becomes the
    server's, or that of its host alone; what was removed by hand is not asked for there any more; an approval is declared.
    After that the plan has nothing to do there, and nothing more anywhere else. Without `--write` the change is printed as
    a patch, and nothing is written.
    """
    from mcpconf.authoring import adoption

    revised = adoption.adopt(machine(root), manifest, addresses, write=write, everywhere=everywhere)
    if write or format == "json":
        _show(revised, (format, color))
        return
    from mcpconf.cli.output import Output, style_for
    from mcpconf.report.revised import render_patch, revised_data, revised_notes

    Output(format, style_for(color)).show(
        lambda style: render_patch(revised, style), lambda: revised_data(revised), revised.scrubber
    )
    sys.stderr.write(revised.scrubber.scrub(revised_notes(revised, style_for("never"))))


def forget(
    name: Annotated[str, typer.Argument(metavar="SERVER", help="A server of the manifest.")],
    host: Annotated[
        list[str], typer.Option("--host", metavar="HOST", help="Only on this host; for several, repeat it.")
    ] = [],  # noqa: B006
    reason: Annotated[str, typer.Option("--reason", metavar="TEXT", help="Why, for those who come later.")] = "",
    dry_run: DryOption = False,
    manifest: ManifestOption = DEFAULT_MANIFEST,
    format: FormatOption = "text",
    color: ColorOption = "auto",
) -> None:
    """Stop managing a server, and leave it on the machines as it is.

    It leaves the manifest, or the lists of the hosts that are named, and stands under `released` from then on. Comments and
    layout of the rest stay. The next apply deletes nothing of it. To add it again takes it back.
    """
    from mcpconf.authoring import servers

    _show(servers.forget(manifest, name, tuple(host), reason, write=not dry_run), (format, color))


def rename(
    old: Annotated[str, typer.Argument(metavar="OLD", help="A server of the manifest.")],
    new: Annotated[str, typer.Argument(metavar="NEW", help="Lower-case letters, digits and `-`.")],
    dry_run: DryOption = False,
    manifest: ManifestOption = DEFAULT_MANIFEST,
    format: FormatOption = "text",
    color: ColorOption = "auto",
) -> None:
    """Give a server another name, wherever the manifest mentions it.

    Comments and layout stay. `was` keeps the old name, by which every machine knows its entry again: the next apply gives
    that the new name, and keeps what is in it and approvals of it. Once all machines have applied it, `was` may go.
    """
    from mcpconf.authoring import servers

    _show(servers.rename(manifest, old, new, write=not dry_run), (format, color))


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


def _show(revised: Revised, how: tuple[str, str]) -> None:
    from mcpconf.cli.output import Output, style_for
    from mcpconf.report.revised import render_revised, revised_data

    Output(how[0], style_for(how[1])).show(
        lambda style: render_revised(revised, style), lambda: revised_data(revised), revised.scrubber
    )


def _usage(message: str, hint: str) -> McpconfError:
    return McpconfError(ExitCode.USAGE, Problem("usage", message, None, hint))
