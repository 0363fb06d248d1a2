"""Queues that have exact answers: what the simulation is checked against. Pure.

Source:
    L. Kleinrock, Queueing Systems I, 1975, chapter 3; A. K. Erlang, 1917.
"""

from __future__ import annotations


def utilisation(arrivals_per_s: float, service_s: float, servers: int = 1) -> float:
    """Return the share of time that each server works; 1 or more is a queue without end."""
    return arrivals_per_s * service_s / servers


def erlang_b(load: float, servers: int) -> float:
    """Return the share of arrivals that find every server at work, where none may wait.

    Args:
        load: Arrivals in one mean service time, Erlang.
        servers: How many; at least 1.
    """
    blocked = 1.0
    for count in range(1, servers + 1):
        blocked = load * blocked / (count + load * blocked)
    return blocked


def erlang_c(load: float, servers: int) -> float:
    """Return the share of arrivals that wait, where they may: M/M/c.

    Raises:
        ValueError: The load is not below the number of servers: everyone waits, ever longer.
    """
    if load >= servers:
        raise ValueError(f"{servers} servers never catch up with a load of {load:g}.")
    blocked = erlang_b(load, servers)
    return blocked / (1 - load / servers * (1 - blocked))


def mean_wait_s(arrivals_per_s: float, service_s: float, servers: int = 1) -> float:
    """Return the mean time before service begins in M/M/c; M/M/1 with one server."""
    load = arrivals_per_s * service_s
    return erlang_c(load, servers) * service_s / (servers - load)


def servers_for(arrivals_per_s: float, service_s: float, *, longest_mean_wait_s: float) -> int:
    """Return the fewest servers whose queue is that short."""
    servers = int(arrivals_per_s * service_s) + 1
    while mean_wait_s(arrivals_per_s, service_s, servers) > longest_mean_wait_s:
        servers += 1
    return servers
