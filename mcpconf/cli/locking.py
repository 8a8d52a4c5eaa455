"""Commands about the lock."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import TYPE_CHECKING, Annotated

import typer

from mcpconf.cli.asking import usage
from mcpconf.cli.options import DEFAULT_MANIFEST, ColorOption, FormatOption, ManifestOption, QuietOption
from mcpconf.cli.progress import telling

if TYPE_CHECKING:
    from mcpconf.cli.output import Output
    from mcpconf.errors import Problem
    from mcpconf.model.lock import Attested, LockedServer
    from mcpconf.ports import Machine
    from mcpconf.workshop import Workshop

AdvisoriesOption = Annotated[
    str,
    typer.Option(
        "--advisories",
        metavar="PATH",
        help="OSV records, a folder or zip archive; else MCPCONF_ADVISORIES, the index, or those in the data folder.",
        show_default=False,
    ),
]
CooldownOption = Annotated[
    int,
    typer.Option(
        "--cooldown",
        metavar="DAYS",
        min=0,
        max=3650,
        help="Choose no version that is younger; `policy.cooldown` may ask for more.",
        show_default=False,
    ),
]
OfflineOption = Annotated[bool, typer.Option("--offline", help="Ask nothing of the network.")]


def lock(
    names: Annotated[
        list[str], typer.Argument(metavar="NAME", help="With `--upgrade`: only these servers.", show_default=False)
    ] = [],  # noqa: B006
    upgrade: Annotated[
        bool, typer.Option("--upgrade", help="Take the newest versions that the manifest admits.")
    ] = False,
    check: Annotated[bool, typer.Option("--check", help="Only tell whether the lock belongs to the manifest.")] = False,
    attest: Annotated[
        bool, typer.Option("--attest", help="Also verify who vouches for each package; takes the extra `attest`.")
    ] = False,
    cooldown: CooldownOption = 0,
    advisories: AdvisoriesOption = "",
    offline: OfflineOption = False,
    manifest: ManifestOption = DEFAULT_MANIFEST,
    quiet: QuietOption = False,
    format: FormatOption = "text",
    color: ColorOption = "auto",
) -> None:
    """Write down what each server is, to the byte.

    Asks the package managers that are set up here for the exact version, the hash of every file and all that the package
    depends on. What the lock has already and still fits is kept. Text, sorted, the same on every machine: it belongs into git.
    A version that an advisory is about is not chosen, unless the manifest names it.
    """
    from mcpconf.cli.options import machine
    from mcpconf.cli.output import Output, style_for
    from mcpconf.report.locking import locked_data, render_locked

    _agree(names, upgrade=upgrade, check=check)
    here = machine(None, quiet=quiet)
    output = Output(format, style_for(color, here.facts.home))
    if check:
        raise typer.Exit(_checked(manifest, here, output))
    from mcpconf.supply.locking import Asked
    from mcpconf.supply.locking import lock as resolve
    from mcpconf.supply.outdated import Limits
    from mcpconf.system.advisories import advisories as known_advisories
    from mcpconf.system.workshop import workshop

    limits, shop = Limits(cooldown, known_advisories(advisories, here)), workshop(here, offline=offline)
    asked = Asked(tuple(names) if upgrade else None, limits.cooldown, limits.avoided)
    asked = replace(asked, attest=_attested_by(shop) if attest else None)
    done = resolve(manifest, shop, asked, telling("locking", quiet=quiet))
    told = (done.before, done.after, done.problems)
    output.show(
        lambda style: "" if quiet and not done.problems else render_locked(*told, style),
        lambda: {"lock": done.file, "written": done.written, **locked_data(*told), "exit_code": done.exit_code},
    )
    raise typer.Exit(done.exit_code)


def _agree(names: list[str], *, upgrade: bool, check: bool) -> None:
    if check and (upgrade or names):
        raise usage("`--check` only looks", "leave out `--upgrade` and the names")
    if names and not upgrade:
        raise usage("names go with `--upgrade`", "without it, every server is locked")


def _attested_by(shop: Workshop) -> Callable[[LockedServer], Attested | Problem]:
    from mcpconf.supply.attesting import attested_by

    return attested_by(shop)


def _checked(manifest: str, here: Machine, output: Output) -> int:
    from mcpconf.report.locking import render_stale, stale_data
    from mcpconf.supply.checking import check

    found = check(manifest, here.documents)
    seen = (found.lock, found.file, found.stale)
    output.show(lambda style: render_stale(*seen, style), lambda: {**stale_data(*seen), "exit_code": found.exit_code})
    return found.exit_code
