"""The use cases that write a manifest. What people wrote around the change stays as it is."""
