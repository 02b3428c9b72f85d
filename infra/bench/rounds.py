"""The rounds of a bench: servers asked for the same in turn, A B A B …, after all gave the same answers."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from bench.equal import check_equal
from bench.ground import Ground, Player
from bench.measure import Options, load, measured
from bench.targets import Running, Target, placed
from bench.workloads import Workload, documents, http, manifest, scans, write

MOST_BOOKINGS = 4000
"""Bookings a second for which requests are made: more than any server here does."""


def run(ground: Ground, targets: list[Target], workloads: list[Workload], rules: Options) -> dict[str, dict[str, list[Any]]]:
    """All rounds of all workloads. The servers are started once and stay."""
    bodies = documents()
    (ground.state / "bench-manifest.json").write_text(manifest(bodies), encoding="utf-8")
    running = [Running(target, ground, 0 if rules.pin else None) for target in placed(targets)]
    rounds: dict[str, dict[str, list[Any]]] = {}
    try:
        for server in running:
            server.wait()
        for workload in workloads:
            able = [server for server in running if server.target.answers(workload)]
            print(f"  {workload.title}: {', '.join(server.target.name for server in able)}", flush=True)
            rounds[workload.name] = in_turn(ground, able, workload, bodies, rules)
    finally:
        for server in running:
            server.stop()
    return rounds


def in_turn(ground: Ground, able: list[Running], workload: Workload, bodies: dict[str, str],
            rules: Options) -> dict[str, list[Any]]:
    """A B C A B C …, after each was warmed and all gave the same answers."""
    found: dict[str, list[Any]] = {server.target.name: [] for server in able}
    files = requests(ground, able, workload, bodies, rules)
    check_equal(ground, able, workload, bodies[workload.document])
    for server in able if rules.warm else ():
        load(server, files[server.target.name], workload, rules, rules.warm, 0)
        clear(ground, workload)
    for number in range(rules.rounds):
        for server in able:
            figures = measured(server, files[server.target.name], workload, rules, ground, number * 131)
            clear(ground, workload)
            found[server.target.name].append(figures)
            print(f"    {server.target.name:<10} {figures['rps']:7.0f}/s  p50 {figures['p50']:6.2f}"
                  f"  p99 {figures['p99']:6.2f} ms  CPU {figures['cpu']:.3f} ms"
                  f"  others {figures['foreign']:.2f} cores", flush=True)
    return found


def clear(ground: Ground, workload: Workload) -> None:
    """What was booked is undone, so that each server begins with the same tables; and who showed codes may go on."""
    if workload.rated:
        ground.forget(f"haian:rate:{workload.rated}")
    if not workload.once:
        return
    if workload.name == "contention":
        print(f"    {seats_sold(ground)}", flush=True)
    ground.sql("reset")


def seats_sold(ground: Ground) -> str:
    """How many places a rush took, and whether one was sold twice."""
    [(many, slots, twice)] = ground.rows("""
        SELECT coalesce(sum(n), 0), count(*),
               count(*) FILTER (WHERE n > capacity - before OR remaining <> capacity - before - n)
        FROM (SELECT s.capacity, s.remaining, count(*) FILTER (WHERE a.booked_at > b.at) AS n,
                     count(*) FILTER (WHERE a.booked_at <= b.at) AS before
              FROM bench.began b, healthcare.appointment a JOIN healthcare.slot s ON s.id = a.slot_id
              WHERE a.status <> 'cancelled' AND a.slot_id IN (
                  SELECT slot_id FROM healthcare.appointment, bench.began WHERE booked_at > at)
              GROUP BY s.id, s.capacity, s.remaining) q""")
    return f"{many} places of {slots} slots were taken, {twice} slots with a place too many or too few"


def requests(ground: Ground, able: list[Running], workload: Workload, bodies: dict[str, str],
             rules: Options) -> dict[str, Path]:
    """A file of requests for each server: the same, in the words that it takes."""
    players, document = ground.players(workload.players), bodies[workload.document]
    seconds = scans(ground) if workload.second else None
    asked: list[tuple[str, Player, Any]] = []
    for player, variables in workload.variables(ground, players):
        if len(asked) >= MOST_BOOKINGS * max(rules.seconds, rules.warm):
            break
        asked.append((document, player, variables))
        if seconds:
            asked.append((bodies[workload.second], *next(seconds)))
    numbers: dict[str, int] = {}
    files = {}
    for server in able:
        target = server.target
        files[target.name] = ground.state / f"bench-{target.name}.requests"
        write(files[target.name], [
            http(target.path(workload), target.port, player, target.body(workload, text, variables),
                 numbers.setdefault(player.citizen, len(numbers) + 1)) for text, player, variables in asked])
    return files
