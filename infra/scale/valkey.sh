#!/bin/sh
# A node of the cluster, known by its name, which stays when its address changes.
exec valkey-server --requirepass "$VALKEY_PASSWORD" --primaryauth "$VALKEY_PASSWORD" --dir /data --appendonly yes \
  --cluster-enabled yes --cluster-node-timeout 5000 --cluster-announce-hostname "$(hostname)" \
  --cluster-preferred-endpoint-type hostname
