#!/bin/sh
# Lets the three nodes know each other and share the slots, unless they do.
set -eu
export REDISCLI_AUTH="$VALKEY_PASSWORD"
for node in valkey-1 valkey-2 valkey-3; do until valkey-cli -h "$node" ping | grep -q PONG; do sleep 1; done; done
valkey-cli -h valkey-1 cluster info | grep -q cluster_slots_assigned:16384 && exit 0
address() { getent hosts "$1" | cut -d' ' -f1; }
exec valkey-cli --cluster create "$(address valkey-1):6379" "$(address valkey-2):6379" "$(address valkey-3):6379" --cluster-yes
