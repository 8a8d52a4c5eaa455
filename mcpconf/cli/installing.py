"""Commands about the store."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Literal

import typer

from mcpconf.cli.asking import usage
from mcpconf.cli.locking import OfflineOption
from mcpconf.cli.options import (
    DEFAULT_MANIFEST,
    ColorOption,
    FormatOption,
    ManifestOption,
    QuietOption,
    RootOption,
    machine,
    writable_machine,
)
from mcpconf.cli.progress import telling

if TYPE_CHECKING:
    from mcpconf.cli.output import Output
    from mcpconf.ports import Machine

ServersArgument = Annotated[
    list[str], typer.Argument(metavar="SERVER", help="Only these servers of the manifest.", show_default=False)
]


def install(
    servers: ServersArgument = [],  # noqa: B006 - typer copies it
    everything: Annotated[
        bool, typer.Option("--all", help="Also those that the manifest does not launch from the store.")
    ] = False,
    offline: OfflineOption = False,
    manifest: ManifestOption = DEFAULT_MANIFEST,
    root: RootOption = None,
    quiet: QuietOption = False,
    format: FormatOption = "text",
    color: ColorOption = "auto",
) -> None:
    """Put the bytes that the lock names on this machine.

    Each server with `launch: locked` gets a folder of its own in the store, which nobody can write to: its package and all
    that it depends on, each file checked against the lock. What is there already is hashed; if it is not what was installed,
    it is put aside and built anew. Exits 3 if a hash did not match or the lock is stale, 8 if some could not be installed.
    """
    from mcpconf.cli.output import Output, style_for
    from mcpconf.report.stored import installing_data, render_installing
    from mcpconf.supply.installing import Which
    from mcpconf.supply.installing import install as build
    from mcpconf.system.workshop import workshop

    if root is not None:
        raise usage("programs cannot be installed into a folder that stands for a machine", "leave out `--root`")
    if servers and everything:
        raise usage("`--all` leaves nothing to name", "leave out `--all`, or the names")
    here = writable_machine(None, quiet=quiet)

    done = build(
        manifest, workshop(here, offline=offline), Which(tuple(servers), everything), telling("installing", quiet=quiet)
    )
    Output(format, style_for(color, here.facts.home)).show(
        lambda style: render_installing(done.built, style, quiet=quiet),
        lambda: {**installing_data(done.built), "exit_code": int(done.exit_code)},
    )
    raise typer.Exit(done.exit_code)


def fill_store(here: Machine, manifest: str, *, offline: bool, quiet: bool) -> None:
    """Build what the manifest starts from the store and is not there. What cannot be built is told; the plan holds it.

    What is there and was changed is left for a person to look at.
    """
    from mcpconf.cli.output import error_text, talk
    from mcpconf.supply.installing import Which, absent
    from mcpconf.supply.installing import install as build
    from mcpconf.system.workshop import workshop

    missing = absent(manifest, here)
    if not missing:
        return
    done = build(manifest, workshop(here, offline=offline), Which(missing), telling("installing", quiet=quiet))
    built = [f"`{name}`" for name, item in done.built.items() if item.problem is None]
    problems = [item.problem for item in done.built.values() if item.problem is not None]
    if built and not quiet:
        talk(f"installed {', '.join(built)} in the store")
    if problems:
        talk(error_text(*problems).removesuffix("\n"))


def store(
    what: Annotated[
        Literal["verify", "gc"],
        typer.Argument(metavar="verify|gc", help="Hash what is there, or remove what is not needed."),
    ],
    servers: ServersArgument = [],  # noqa: B006
    dry_run: Annotated[bool, typer.Option("--dry-run", help="With `gc`: only show what it would remove.")] = False,
    manifest: ManifestOption = DEFAULT_MANIFEST,
    root: RootOption = None,
    format: FormatOption = "text",
    color: ColorOption = "auto",
) -> None:
    """Look after installed servers: `verify` or `gc`.

    `verify` hashes every file of every installation and compares it with its record and the lock; it exits 3 if one was
    changed, 8 if one cannot be read, 2 if one is missing. `gc` removes those that neither the lock, nor a file of a host, nor
    a generation, nor a running process names, and what runs left behind that were ended; nothing outside mcpconf's folder.
    What was changed and put aside stays for 30 days. Running processes are only seen on Linux, and not if they hide their command line; elsewhere what was installed less than
    a day ago stays.
    """
    from mcpconf.cli.output import Output, style_for

    if what == "gc" and servers:
        raise usage("`gc` looks at the whole store", "leave out the names")
    if what == "verify" and dry_run:
        raise usage("`verify` only looks", "leave out `--dry-run`")
    here = machine(root) if what == "verify" or dry_run else writable_machine(root)
    output = Output(format, style_for(color, here.facts.home))
    if what == "verify":
        code = _verify(here, manifest, tuple(servers), output)
    else:
        code = _collect(here, manifest, root, output, dry_run=dry_run)
    raise typer.Exit(code)


def _verify(here: Machine, manifest: str, servers: tuple[str, ...], output: Output) -> int:
    from mcpconf.report.stored import render_verified, verified_data
    from mcpconf.supply.keeping import verify

    found = verify(manifest, here, servers)
    output.show(
        lambda style: render_verified(found.seen, found.problems, style),
        lambda: {**verified_data(found.seen, found.problems), "exit_code": int(found.exit_code)},
    )
    return found.exit_code


def _collect(here: Machine, manifest: str, root: str | None, output: Output, *, dry_run: bool) -> int:
    from mcpconf.report.stored import collected_data, render_collected
    from mcpconf.supply.keeping import collect
    from mcpconf.system.processes import told_of_processes
    from mcpconf.system.workshop import trees_of

    running = told_of_processes() if root is None else ()
    found = collect(manifest, here, trees_of(here, root or ""), running, dry_run=dry_run)
    output.show(
        lambda style: render_collected(
            found.removed, (found.kept, found.aside), found.problems, style, dry_run=dry_run
        ),
        lambda: {
            **collected_data(found.removed, (found.kept, found.aside), found.problems),
            "exit_code": int(found.exit_code),
        },
    )
    return found.exit_code
