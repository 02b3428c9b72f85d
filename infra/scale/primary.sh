#!/bin/bash
# Run once, when the primary is made: the product's login, which can do nothing by itself, and the standby's.
set -euo pipefail
psql -v ON_ERROR_STOP=1 -v app="$POSTGRES_APP_PASSWORD" -v replica="$POSTGRES_REPLICA_PASSWORD" -U postgres -d haian <<'SQL'
CREATE ROLE haian_app LOGIN NOSUPERUSER NOINHERIT PASSWORD :'app';
CREATE ROLE haian_replica LOGIN REPLICATION PASSWORD :'replica';
ALTER SYSTEM SET shared_preload_libraries = 'pg_stat_statements';
ALTER SYSTEM SET jit = off;
ALTER SYSTEM SET max_connections = 500;
ALTER SYSTEM SET wal_keep_size = '1GB';
SQL
echo "host replication haian_replica 172.28.0.0/16 scram-sha-256" >> "$PGDATA/pg_hba.conf"
