"""The composition root: the launcher, the commands, and later the server that joins everything."""
