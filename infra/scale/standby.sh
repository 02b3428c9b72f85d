#!/bin/bash
# A copy of the primary, made at the first start, which follows it from then on.
set -euo pipefail
if [ ! -s "$PGDATA/PG_VERSION" ]; then
  install -d -m 700 -o postgres -g postgres "$PGDATA"
  until gosu postgres env PGPASSWORD="$POSTGRES_REPLICA_PASSWORD" \
      pg_basebackup -h primary -U haian_replica -D "$PGDATA" -X stream -c fast -R; do sleep 2; done
fi
exec docker-entrypoint.sh postgres
