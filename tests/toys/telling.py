"""A server that writes down how it was started, and then is an honest one. Its first argument names the file to write."""

import json
import os
import sys

if __name__ == "__main__":
    with open("/proc/self/cmdline", "rb") as file:
        argv = file.read().decode().split("\0")[:-1]
    started = {"argv": argv, "env": dict(os.environ), "cwd": os.getcwd()}
    with open(f"{sys.argv[1]}.{os.getpid()}", "w", encoding="utf-8") as file:
        json.dump(started, file)
    honest = os.path.join(os.path.dirname(os.path.abspath(__file__)), "server.py")
    os.execv(sys.executable, [sys.executable, "-I", "-S", honest, "agreeing"])
