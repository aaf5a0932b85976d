#!/usr/bin/env python3
"""Deferred acceptance beside its peers, on the same markets.

    python3 bench/matching.py [SIZE …]          sizes 1000 10000 100000 292000 without any

Builds `crates/matching/examples/market.rs`, lets it write a market of each size (20
choices each) with its result, and gives the same market to every peer that can be
installed, each in a process of its own with a limit on processor time. A peer's result
has to be ours, applicant by applicant. Printed are processor seconds for building the
peer's own form and for solving, peak memory, and how many times ours that is.

Then the same market goes as a JSON file through the command, end to end: `minsheng
solve match` and `minsheng verify OUTCOME --instance`, with processor seconds, the clock
and peak memory of the whole program.

The peers live in an environment of their own under target/bench.
"""

import array
import heapq
import json
import os
import resource
import subprocess
import sys
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
TARGET = Path(os.environ.get("CARGO_TARGET_DIR", ROOT / "target"))
WORK = ROOT / "target" / "bench"
PACKAGES = ["matching==1.4.3", "algmatch==1.5.2", "matching-algorithms==0.1.0"]
LIMIT = int(os.environ.get("BENCH_LIMIT", "200"))
NOBODY = 0xFFFFFFFF
# Above these sizes a peer would only meet the limit (measured once; see docs/matching.md).
LARGEST = {"matching": 10_000, "algmatch": 10_000, "matching-algorithms": 1_000}


def read(directory):
    """Returns capacities, lists and keys of the market in a directory."""
    with open(directory / "market.bin", "rb") as file:
        head = array.array("I")
        head.fromfile(file, 3)
        people, providers, length = head
        capacity = array.array("I")
        capacity.fromfile(file, providers)
        wanted = array.array("I")
        wanted.fromfile(file, people * length)
        keys = array.array("Q")
        keys.fromfile(file, people * length)
    return people, providers, length, capacity, wanted, keys


def lists(market):
    """Returns everybody's list and each provider's order of those who ask for it."""
    people, providers, length, _, wanted, keys = market
    asking = [[] for _ in range(providers)]
    own = []
    for a in range(people):
        own.append(list(wanted[a * length : (a + 1) * length]))
        for place in range(a * length, (a + 1) * length):
            asking[wanted[place]].append((keys[place], a))
    for order in asking:
        order.sort()
    return own, [[a for _, a in order] for order in asking]


def run_reference(market):
    """Twenty lines of Python with a heap for each provider."""
    people, providers, length, capacity, wanted, keys = market
    yield "built"
    held = [[] for _ in range(providers)]
    at = [0] * people
    free = list(range(people - 1, -1, -1))
    while free:
        a = free.pop()
        while at[a] < length:
            place = a * length + at[a]
            heap, seats = held[wanted[place]], capacity[wanted[place]]
            if len(heap) < seats:
                heapq.heappush(heap, (-keys[place], a))
                break
            if seats and -heap[0][0] > keys[place]:
                _, out = heapq.heapreplace(heap, (-keys[place], a))
                at[out] += 1
                free.append(out)
                break
            at[a] += 1
    yield [wanted[a * length + at[a]] if at[a] < length else NOBODY for a in range(people)]


def run_matching(market):
    from matching.games import HospitalResident

    sys.setrecursionlimit(1_000_000)
    own, orders = lists(market)
    names = {a: [f"p{p}" for p in wishes] for a, wishes in enumerate(own)}
    people = {f"p{p}": order for p, order in enumerate(orders)}
    capacity = {f"p{p}": c for p, c in enumerate(market[3])}
    game = HospitalResident.create_from_dictionaries(names, people, capacity)
    yield "built"
    solved = game.solve(optimal="resident")
    got = [NOBODY] * market[0]
    for provider, residents in solved.items():
        for resident in residents:
            got[resident.name] = int(provider.name[1:])
    yield got


def run_algmatch(market):
    from algmatch import HospitalResidentsProblem

    own, orders = lists(market)
    game = HospitalResidentsProblem(
        dictionary={
            "residents": {a + 1: [p + 1 for p in wishes] for a, wishes in enumerate(own)},
            "hospitals": {
                p + 1: {"capacity": market[3][p], "preferences": [a + 1 for a in order]}
                for p, order in enumerate(orders)
            },
        }
    )
    yield "built"
    solved = game.get_stable_matching()["resident_sided"]
    got = [NOBODY] * market[0]
    for resident, provider in solved.items():
        if provider:
            got[int(str(resident).lstrip("r")) - 1] = int(str(provider).lstrip("h")) - 1
    yield got


def run_matching_algorithms(market):
    from matching_algorithms.main import school_choice_da

    own, orders = lists(market)
    students = {str(a): [str(p) for p in wishes] for a, wishes in enumerate(own)}
    schools = {
        str(p): {"priorities": [str(a) for a in order], "capacity": market[3][p]}
        for p, order in enumerate(orders)
    }
    yield "built"
    got = [NOBODY] * market[0]
    for school, placed in school_choice_da(students, schools).items():
        for student in placed:
            got[int(student)] = int(school)
    yield got


PEERS = {
    "matching": run_matching,
    "algmatch": run_algmatch,
    "matching-algorithms": run_matching_algorithms,
    "reference (Python, heaps)": run_reference,
}


def one(peer, directory):
    """Runs one peer in this process and prints what it took."""
    resource.setrlimit(resource.RLIMIT_CPU, (LIMIT, LIMIT))
    # This file has the name of a peer: it must not be found in its place.
    sys.path = [p for p in sys.path if Path(p or ".").resolve() != Path(__file__).resolve().parent]
    market = read(directory)
    start = time.process_time()
    steps = PEERS[peer](market)
    next(steps)
    built = time.process_time() - start
    got = next(steps)
    solved = time.process_time() - start - built
    expected = array.array("I")
    with open(directory / "result.bin", "rb") as file:
        expected.fromfile(file, market[0])
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024
    same = list(expected) == list(got)
    print(json.dumps({"build": built, "solve": solved, "peak": peak, "same": same}))


def prepare():
    python = WORK / "venv" / "bin" / "python"
    if not python.exists():
        subprocess.run([sys.executable, "-m", "venv", WORK / "venv"], check=True)
        subprocess.run([python, "-m", "pip", "install", "--quiet", *PACKAGES], check=True)
    cargo = ["cargo", "build", "--quiet", "--release", "-p", "minsheng-matching", "--example", "market"]
    subprocess.run(cargo, cwd=ROOT, check=True)
    return python, TARGET / "release" / "examples" / "market"


def ours(program, size, directory):
    """Returns our milliseconds on a processor (the best of three) and peak memory."""
    best = None
    for _ in range(3):
        told = subprocess.run(
            [program, str(size), "20", f"write={directory}"], check=True, capture_output=True, text=True
        ).stdout
        words = told.split()
        busy = float(words[words.index("ms") - 1])
        peak = int(words[words.index("MB") - 1])
        best = min(best, (busy, peak)) if best else (busy, peak)
    return best


def instance(directory):
    """Writes the market as the command reads it; returns the file."""
    market = read(directory)
    own, orders = lists(market)
    file = directory / "instance.json"
    with open(file, "w") as out:
        out.write('{"mechanism":"deferred-acceptance","applicants":[')
        for a, wishes in enumerate(own):
            named = '","'.join(f"p{p}" for p in wishes)
            out.write(f'{"," if a else ""}\n{{"id":"a{a}","preferences":["{named}"]}}')
        out.write('],\n"providers":[')
        for p, order in enumerate(orders):
            named = '","'.join(f"a{a}" for a in order)
            named = f'"{named}"' if order else ""
            head = f'{"," if p else ""}\n{{"id":"p{p}","capacity":{market[3][p]}'
            out.write(f'{head},"priorities":[{named}]}}')
        out.write("]}\n")
    return file


def whole(command, into):
    """Returns processor seconds, seconds and peak megabytes of a command."""
    start = time.monotonic()
    with open(into, "w") as out:
        ran = subprocess.Popen(command, stdout=out)
        _, status, used = os.wait4(ran.pid, 0)
    if status != 0:
        sys.exit(f"{command} failed")
    return used.ru_utime + used.ru_stime, time.monotonic() - start, used.ru_maxrss // 1024


def end_to_end(size, directory):
    """Solves and checks the market as a file; returns whether the result is the same."""
    program = TARGET / "release" / "minsheng"
    if not program.exists():
        print("  the command is not built: nothing to say of files")
        return True
    file, outcome = instance(directory), directory / "outcome.json"
    took = {
        "solve": whole([program, "solve", "match", file], outcome),
        "verify": whole([program, "verify", outcome, "--instance", file], os.devnull),
    }
    length = file.stat().st_size / 1e6
    for name, (busy, clock, peak) in took.items():
        print(f"  {name:6} a file of {length:6.1f} MB: {busy:6.2f} CPU s, {clock:6.2f} s, {peak:5} MB")
    expected = array.array("I")
    with open(directory / "result.bin", "rb") as result:
        expected.fromfile(result, size)
    got = json.loads(outcome.read_text())["assignment"]
    return all(got[f"a{a}"] == (None if p == NOBODY else f"p{p}") for a, p in enumerate(expected))


def main():
    sizes = [int(a) for a in sys.argv[1:]] or [1_000, 10_000, 100_000, 292_000]
    python, program = prepare()
    missed = False
    for size in sizes:
        directory = WORK / str(size)
        directory.mkdir(parents=True, exist_ok=True)
        busy, memory = ours(program, size, directory)
        print(f"\n{size} applicants x 20: minsheng {busy:.2f} ms, {memory} MB (with the market)")
        missed |= not end_to_end(size, directory)
        for peer in PEERS:
            if size > LARGEST.get(peer, size):
                print(f"  {peer:26} not run: too large for it")
                continue
            ran = subprocess.run(
                [python, __file__, "--one", peer, str(directory)], capture_output=True, text=True
            )
            if ran.returncode != 0:
                said = ran.stderr.strip().splitlines()[-1:] or [f"ended by signal {-ran.returncode}"]
                print(f"  {peer:26} no result within {LIMIT} s: {said[0][:80]}")
                continue
            told = json.loads(ran.stdout.strip().splitlines()[-1])
            times = 1000 * told["solve"] / max(busy, 0.001)
            same = "identical" if told["same"] else "DIFFERENT"
            missed |= not told["same"]
            print(
                f"  {peer:26} build {told['build']:8.2f} s, solve {told['solve']:8.2f} s, "
                f"{told['peak']:6} MB, {times:8.0f} times ours, {same}"
            )
    return 1 if missed else 0


if __name__ == "__main__":
    if sys.argv[1:2] == ["--one"]:
        one(sys.argv[2], Path(sys.argv[3]))
    else:
        sys.exit(main())
