"""What is told of each file of a folder: its bytes, whether it can be executed, where a link leads."""

from __future__ import annotations

import hashlib
import os
import stat

_CHUNK = 1024 * 1024
_READ = os.O_RDONLY | getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_BINARY", 0) | getattr(os, "O_NONBLOCK", 0)


def marks(folder: str) -> dict[str, str]:
    """What `Files.tree` tells, of a folder of the real file system. Raises OSError."""
    found: dict[str, str] = {}
    waiting = [("", folder)]
    while waiting:
        inner, path = waiting.pop()
        with os.scandir(path) as items:
            for item in items:
                name = f"{inner}{item.name}"
                if is_folder(item):
                    waiting.append((f"{name}/", item.path))
                elif item.is_file(follow_symlinks=False):
                    found[name] = _mark(item.path)
                else:
                    found[name] = _other(item.path)
    return found


def is_folder(item: os.DirEntry[str]) -> bool:
    """A junction is a link, which Python tells from 3.12 on."""
    junction: bool = getattr(item, "is_junction", bool)()
    return item.is_dir(follow_symlinks=False) and not junction


def _other(path: str) -> str:
    """Nothing but a link can be asked more about: what is opened might wait for a writer, or wake one."""
    try:
        return f"l {os.readlink(path)}"
    except OSError:
        return "?"


def _mark(path: str) -> str:
    descriptor = os.open(path, _READ)
    try:
        info = os.fstat(descriptor)
        if not stat.S_ISREG(info.st_mode):
            return "?"
        data = os.read(descriptor, min(info.st_size + 1, _CHUNK))
        digest = hashlib.sha256(data)
        if len(data) != info.st_size:  # a large file, or one that grows: most end with their first read
            while data := os.read(descriptor, _CHUNK):
                digest.update(data)
    finally:
        os.close(descriptor)
    return f"{'x' if info.st_mode & stat.S_IXUSR else '-'} sha256:{digest.hexdigest()}"
