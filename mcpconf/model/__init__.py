"""The values that flow through the program. They know nothing of files, hosts or the terminal."""
