"""Paths that give away more than a server can need."""

from __future__ import annotations

from functools import lru_cache

from mcpconf.permissions.paths import PathSet, Place, place
from mcpconf.ports import OperatingSystem
from mcpconf.secrets.names import word_set

_SECRET_FOLDERS = word_set(
    ".ssh .aws .gnupg .kube .azure .password-store .config/gcloud .config/gh .local/share/keyrings Library/Keychains"
    " .docker .terraform.d .mozilla .config/google-chrome AppData/Roaming/Microsoft AppData/Local/Google .netrc .npmrc"
    " .pypirc .git-credentials .pgpass .bash_history .zsh_history .claude.json .claude/.credentials.json"
    " .codex/auth.json .mcp-auth"
)
"""Below home: with all that lies in them."""

_WHOLE_FOLDERS = word_set(
    ".config .local .local/share .local/bin .cache .claude .codex .cursor .vscode .bashrc .zshrc .profile .bash_profile"
    " .zprofile .zshenv .gitconfig bin Library Library/LaunchAgents Library/Preferences AppData AppData/Roaming"
    " AppData/Local Documents/PowerShell .config/autostart .config/systemd .config/systemd/user"
)
"""Below home: only as a whole; one folder inside them is one program's."""

_SYSTEM = word_set(
    "/home /root /Users /etc /var /var/lib /var/run /run /usr /usr/bin /usr/local /usr/local/bin /bin /sbin /lib /opt"
    " /boot /dev /proc /sys /mnt /mnt/c /mnt/c/Users /media /Volumes /System /Library /Applications /private"
    " /private/etc /private/var /etc/ssh /etc/sudoers /etc/sudoers.d /etc/shadow /etc/passwd /etc/cron.d /etc/systemd"
    " C:/Users C:/Windows C:/ProgramData C:/Windows/System32"
) | {"C:/Program Files", "C:/Program Files (x86)"}

_SOCKETS = word_set(
    "/var/run/docker.sock /run/docker.sock /run/podman/podman.sock /run/containerd/containerd.sock"
    " /var/run/containerd/containerd.sock \\\\.\\pipe\\docker_engine"
)


def controls_engine(where: Place, home: str, os: OperatingSystem) -> bool:
    """Whether a socket of a container engine is there or below: who may speak to it may do anything."""
    reach = PathSet([where])
    return any(reach.covers(socket) for socket in _places(_SOCKETS, home, os))


def gives_machine(path: str, home: str, os: OperatingSystem, *, writable: bool) -> bool:
    """Whether a path lets out of a container that sees it: the control of an engine, or all files of a user to write to."""
    where = place(path, home, os)
    is_root = not where.steps and not where.ups and (where.anchor == "/" or where.anchor[1:] == ":")
    return controls_engine(where, home, os) or (writable and (is_root or PathSet([where]).covers(place("~", home, os))))


def too_broad(path: str, home: str, os: OperatingSystem) -> str | None:
    """Why a path is too much to hand to a server, as `PATH is ...` goes on; None if it is not."""
    where = place(path, home, os)
    if where.anchor in ("/", "//./pipe") or (where.anchor[1:] == ":"):
        if not where.steps and where.anchor[:2] != "//":
            return "the whole file system" if where.anchor == "/" else "a whole drive"
        if where in _places(_SOCKETS, home, os):
            return "the control of the container engine"
        if where in _places(_SYSTEM, home, os):
            return "a folder of the system or of all users"
    if where.ups or where.anchor == ".":
        return None
    return _in_home(where, home, os)


def _in_home(where: Place, home: str, os: OperatingSystem) -> str | None:
    base = place("~", home, os)
    if where == base:
        return "the whole home folder"
    if PathSet([where]).covers(base):
        return "a folder with home folders in it"
    if PathSet(_places(_below_home(_SECRET_FOLDERS), home, os)).covers(where):
        return "where keys and passwords are kept"
    if where in _places(_below_home(_WHOLE_FOLDERS), home, os):
        return "where all programs keep their settings"
    return None


@lru_cache(maxsize=16)
def _below_home(folders: frozenset[str]) -> frozenset[str]:
    return frozenset(f"~/{folder}" for folder in folders)


@lru_cache(maxsize=16)
def _places(paths: frozenset[str], home: str, os: OperatingSystem) -> frozenset[Place]:
    return frozenset(place(path, home, os) for path in paths)
