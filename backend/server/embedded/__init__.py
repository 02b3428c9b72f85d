"""PostgreSQL 18 and Valkey 9 from wheels, for a start with one command. Real deployments name their own servers.

Both listen on unix sockets only, live in one state folder, and end with the launcher, even when it is killed.
"""
