"""What a program needs of a Linux machine before it can start: libraries, its interpreter, certificates."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from mcpconf.permissions.walls import LINKED, LOADER, RESOLVER, SYSTEM
from mcpconf.ports import Files
from mcpconf.sandbox import Bind, Confinement, Reach


def least(program: str, folder: str, files: Files, network: Reach) -> Confinement:
    """The confinement in which a program can start, and nothing more. Raises OSError.

    `folder` is the installation that the program belongs to, or that it runs; "" for none.
    """
    binds, links = _ground(files, network)
    for path in _started(program, folder, files):
        binds += _of_program(path, files)
    binds += [Bind.same(folder)] if folder else []
    return Confinement(tuple(dict.fromkeys(binds)), links, network)


def _ground(files: Files, network: Reach) -> tuple[list[Bind], dict[str, str]]:
    """The system's own folders, and links from old names into them."""
    links: dict[str, str] = {}
    binds = [Bind.same(path) for path in SYSTEM if files.exists(path)]
    for path in filter(files.exists, LINKED):
        target = files.resolve(path)
        if target.startswith("/usr/"):
            links[path] = target.removeprefix("/")
        else:
            binds.append(Bind(target, path))
    wanted = (*LOADER, *(RESOLVER if network == "any" else ()))
    return [*binds, *(Bind.same(path) for path in wanted if files.exists(path))], links


def _started(program: str, folder: str, files: Files) -> Iterator[str]:
    """What lies outside of the installation: the program, or what a link of the installation leads to."""
    if not folder or not program.startswith(f"{folder}/"):
        yield program
        return
    place, _, name = program.rpartition("/")
    links = files.tree(place)
    while isinstance(links, Mapping) and links.get(name, "").startswith("l "):
        target, links = links[name].removeprefix("l "), {key: text for key, text in links.items() if key != name}
        if target.startswith("/"):
            yield target
            return
        name = target


def _of_program(path: str, files: Files) -> Iterator[Bind]:
    """What a program needs beside the system: itself; all that is installed with it, if it is a Python.

    A Python finds its library from the folder of its program, by the name of either end of a link.
    """
    real = files.resolve(path)
    for place in dict.fromkeys((path, real)):
        if in_system(place):
            continue
        above = _prefix(real)
        yield Bind(above, _prefix(place) or above) if above else Bind(real, place)


def _prefix(python: str) -> str:
    """The folder that a Python is installed in; "" of any other program."""
    folder, _, name = python.rpartition("/")
    return folder.removesuffix("/bin") if name.startswith(("python", "pypy")) and folder.endswith("/bin") else ""


def in_system(path: str) -> bool:
    return any(path.startswith(f"{folder}/") for folder in (*SYSTEM, *LINKED))
