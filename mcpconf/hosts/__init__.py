"""What each host's row of data says: where its files are, how an entry reads there, what counts as an approval."""
