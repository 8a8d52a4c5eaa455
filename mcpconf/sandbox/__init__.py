"""Command lines that hold a server to its permissions. Pure: what is on the machine comes as arguments."""
