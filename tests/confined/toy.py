"""A server that does what it is told, a line of JSON at a time, and says whether it could."""

import json
import os
import socket
import sys
from pathlib import Path


def read(path):
    return Path(path).expanduser().read_text("latin-1")


def write(path):
    with Path(path).expanduser().open("a") as file:
        return file.write("x")


def names(path):
    return sorted(one.name for one in Path(path).expanduser().iterdir())


def reach(address):
    family = {"inet": socket.AF_INET, "inet6": socket.AF_INET6, "unix": socket.AF_UNIX}[address[0]]
    with socket.socket(family) as one:
        one.settimeout(5)
        one.connect(tuple(address[1:]) if len(address) > 2 else address[1])
    return "reached"


def variables(_):
    return dict(os.environ)


def processes(_):
    return sorted(int(one.name) for one in Path("/proc").iterdir() if one.name.isdigit())


def environments(_):
    found = ""
    for process in processes(None):
        try:
            found += read(f"/proc/{process}/environ")
        except OSError:
            continue
    return found


for line in sys.stdin:
    [(what, value)] = json.loads(line).items()
    try:
        answer = {"did": globals()[what](value)}
    except OSError as error:
        answer = {"could_not": type(error).__name__}
    print(json.dumps(answer), flush=True)
