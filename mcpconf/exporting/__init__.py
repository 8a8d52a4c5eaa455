"""What others than hosts read: the servers of a manifest for programs that bring their own client of the protocol."""
