#!/usr/bin/env python3
"""Selection and calendars side by side with HiGHS and CP-SAT.

The same instances go through `minsheng solve`, HiGHS (time-indexed or row model,
one thread) and CP-SAT (one worker), each in a process of its own, one after
another. Printed are seconds of processor time and wall time, peak memory, the
answer, the bound and the gap. minsheng's time holds reading, solving, checking the
proof and writing it.

    bench/selection.py --minsheng target/release/minsheng [--limit 60] [--only mkp,portfolio,calendar] [--small]

The script makes its own environment in bench/.venv and installs highspy and ortools
there on the first run.
"""

import argparse
import json
import os
import pathlib
import random
import re
import resource
import subprocess
import sys
import tempfile
import time

HERE = pathlib.Path(__file__).resolve().parent
VENV = HERE / ".venv"
PERIODS = 36


# ---- instances ---------------------------------------------------------------

def mkp(n, m, tight, seed):
    """As Chu and Beasley 1998 make them: correlated values, budgets a share of all costs."""
    r = random.Random(seed)
    cost = [[r.randint(1, 1000) for _ in range(n)] for _ in range(m)]
    value = [sum(c[j] for c in cost) // m + r.randint(0, 500) for j in range(n)]
    return {
        "projects": [
            {"id": str(j), "value": value[j], "costs": {str(i): cost[i][j] for i in range(m)}}
            for j in range(n)
        ],
        "budgets": [{"id": str(i), "most": sum(cost[i]) * tight // 4} for i in range(m)],
    }


def portfolio(n, k, seed):
    """One budget, a count, 17 districts with a least and a most."""
    r = random.Random(seed)
    district = [r.randrange(17) for _ in range(n)]
    cost = [r.randint(100_000, 10_000_000) for _ in range(n)]
    members = [district.count(d) for d in range(17)]
    return {
        "projects": [
            {"id": str(j), "value": r.randint(1, 1000), "costs": {"money": cost[j]}, "groups": [f"d{district[j]}"]}
            for j in range(n)
        ],
        "budgets": [{"id": "money", "most": sum(cost) * k * 6 // (n * 10)}],
        "count": {"most": k},
        "quotas": [
            {"group": f"d{d}", "least": k * members[d] * 8 // (10 * n), "most": k * members[d] * 11 // (10 * n) + 1}
            for d in range(17)
        ],
    }


def calendar(n, districts, load, seed):
    """Crews by district and month, weighted completion."""
    r = random.Random(seed)
    demand = [0] * districts
    projects = []
    for i in range(n):
        d, duration, crews = r.randrange(districts), r.randint(3, 9), r.randint(1, 3)
        demand[d] += duration * crews
        projects.append({"id": str(i), "district": str(d), "duration": duration, "crews": crews,
                         "weight": r.randint(1, 20)})
    return {
        "periods": PERIODS,
        "districts": [{"id": str(d), "crews": [-(-demand[d] * 100 // (load * PERIODS))]} for d in range(districts)],
        "projects": projects,
    }


CASES = [
    # name, kind, whether it is among the small ones, how it is made
    ("mkp 100 x 5", "select", True, lambda: mkp(100, 5, 2, 1)),
    ("mkp 100 x 10", "select", True, lambda: mkp(100, 10, 2, 2)),
    ("mkp 250 x 5", "select", False, lambda: mkp(250, 5, 2, 3)),
    ("mkp 100 x 30", "select", False, lambda: mkp(100, 30, 2, 4)),
    ("mkp 500 x 30", "select", False, lambda: mkp(500, 30, 2, 5)),
    ("portfolio 1,500, 300", "select", True, lambda: portfolio(1500, 300, 1)),
    ("portfolio 3,000, 1,000", "select", True, lambda: portfolio(3000, 1000, 2)),
    ("portfolio 20,000, 5,000", "select", False, lambda: portfolio(20_000, 5_000, 3)),
    ("portfolio 100,000, 20,000", "select", False, lambda: portfolio(100_000, 20_000, 4)),
    ("calendar 300, 17, 0.75", "calendar", True, lambda: calendar(300, 17, 75, 1)),
    ("calendar 300, 17, 0.90", "calendar", False, lambda: calendar(300, 17, 90, 2)),
    ("calendar 1,000, 17, 0.85", "calendar", False, lambda: calendar(1000, 17, 85, 3)),
    ("calendar 1,000, 1, 0.85", "calendar", False, lambda: calendar(1000, 1, 85, 4)),
    ("calendar 3,000, 17, 0.85", "calendar", False, lambda: calendar(3000, 17, 85, 5)),
]


# ---- the models, for the other solvers ---------------------------------------

def rows_of(instance):
    """Rows as (least, most, {project: coefficient}) of a choice."""
    p = instance["projects"]
    for b in instance.get("budgets", []):
        yield b.get("least"), b.get("most"), {i: q["costs"][b["id"]] for i, q in enumerate(p) if b["id"] in q["costs"]}
    if "count" in instance:
        c = instance["count"]
        yield c.get("least"), c.get("most"), dict.fromkeys(range(len(p)), 1)
    for q in instance.get("quotas", []):
        yield q.get("least"), q.get("most"), {i: 1 for i, x in enumerate(p) if q["group"] in x["groups"]}


def highs(kind, instance, limit):
    import highspy
    import numpy as np

    h = highspy.Highs()
    for key, value in [("output_flag", False), ("threads", 1), ("time_limit", float(limit)), ("mip_rel_gap", 0.0)]:
        h.setOptionValue(key, value)
    inf = highspy.kHighsInf
    if kind == "select":
        cost = [float(p["value"]) for p in instance["projects"]]
        rows = list(rows_of(instance))
        h.changeObjectiveSense(highspy.ObjSense.kMaximize)
    else:
        cost, rows = [], []
        crews = {}
        for p in instance["projects"]:
            first = len(cost)
            for start in range(PERIODS - p["duration"] + 1):
                for t in range(start, start + p["duration"]):
                    crews.setdefault((p["district"], t), {})[len(cost)] = p["crews"]
                cost.append(float(p["weight"] * (start + p["duration"])))
            rows.append((1, 1, dict.fromkeys(range(first, len(cost)), 1)))
        most = {d["id"]: d["crews"][0] for d in instance["districts"]}
        rows += [(None, most[d], terms) for (d, _), terms in crews.items()]
    n = len(cost)
    h.addVars(n, np.zeros(n), np.ones(n))
    h.changeColsCost(n, np.arange(n, dtype=np.int32), np.array(cost))
    h.changeColsIntegrality(n, np.arange(n, dtype=np.int32), np.array([highspy.HighsVarType.kInteger] * n))
    for least, most, terms in rows:
        h.addRow(-inf if least is None else float(least), inf if most is None else float(most),
                 len(terms), np.array(list(terms), dtype=np.int32), np.array(list(terms.values()), dtype=float))
    h.run()
    info = h.getInfo()
    found = abs(info.objective_function_value) < 1e29 and info.primal_solution_status == 2
    return (round(info.objective_function_value) if found else None), info.mip_dual_bound


def cpsat(kind, instance, limit):
    from ortools.sat.python import cp_model

    m = cp_model.CpModel()
    if kind == "select":
        x = [m.NewBoolVar("") for _ in instance["projects"]]
        for least, most, terms in rows_of(instance):
            total = sum(a * x[i] for i, a in terms.items())
            if least is not None:
                m.Add(total >= least)
            if most is not None:
                m.Add(total <= most)
        m.Maximize(sum(p["value"] * v for p, v in zip(instance["projects"], x)))
    else:
        by = {}
        objective = []
        for p in instance["projects"]:
            s = m.NewIntVar(0, PERIODS - p["duration"], "")
            by.setdefault(p["district"], []).append((m.NewFixedSizeIntervalVar(s, p["duration"], ""), p["crews"]))
            objective.append(p["weight"] * (s + p["duration"]))
        for d in instance["districts"]:
            own = by.get(d["id"], [])
            m.AddCumulative([i for i, _ in own], [c for _, c in own], d["crews"][0])
        m.Minimize(sum(objective))
    s = cp_model.CpSolver()
    s.parameters.max_time_in_seconds = float(limit)
    s.parameters.num_workers = 1
    status = s.Solve(m)
    found = status in (cp_model.OPTIMAL, cp_model.FEASIBLE)
    return (round(s.ObjectiveValue()) if found else None), s.BestObjectiveBound()


# ---- running ------------------------------------------------------------------

def measured(command, limit):
    """Runs a command; returns (output, processor seconds, wall seconds, peak bytes)."""
    wall = time.monotonic()
    with tempfile.TemporaryFile("w+") as out:
        child = subprocess.Popen(command, stdout=out, stderr=subprocess.DEVNULL)
        # The others' limit is for solving alone; building the model comes on top.
        deadline = wall + limit * 6 + 60
        while True:
            pid, status, use = os.wait4(child.pid, os.WNOHANG)
            if pid:
                break
            if time.monotonic() > deadline:
                child.kill()
            time.sleep(0.002)
        out.seek(0)
        # The figures stand first. A proof may be long, and whatever this process
        # holds would count as its next child's memory.
        text = out.read(4000)
    return text, use.ru_utime + use.ru_stime, time.monotonic() - wall, use.ru_maxrss * 1024


def figure(text, key):
    """The number that follows a key in JSON's beginning, if there is one."""
    found = re.search(rf'"{key}": (-?[0-9.]+(e[+-]?[0-9]+)?)', text)
    return found and (float if set(found[1]) & set(".e") else int)(found[1])


def main():
    a = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    a.add_argument("--minsheng", default="target/release/minsheng", help="the command, or the example `solve`")
    a.add_argument("--limit", type=int, default=60, help="seconds for each of the others")
    a.add_argument("--only", default="", help="families, by comma")
    a.add_argument("--small", action="store_true")
    a.add_argument("--make", nargs=2, metavar=("NAME", "FILE"), help=argparse.SUPPRESS)
    a.add_argument("--run", nargs=3, metavar=("SOLVER", "KIND", "FILE"), help=argparse.SUPPRESS)
    args = a.parse_args()
    if args.make:
        make = {name: make for name, _, _, make in CASES}[args.make[0]]
        pathlib.Path(args.make[1]).write_text(json.dumps(make()))
        return
    if args.run:
        solver, kind, file = args.run
        instance = json.loads(pathlib.Path(file).read_text())
        objective, bound = {"highs": highs, "cpsat": cpsat}[solver](kind, instance, args.limit)
        print(json.dumps({"objective": objective, "bound": bound if abs(bound) < 1e18 else None}))
        return
    python = VENV / "bin" / "python"
    if not python.exists():
        subprocess.check_call([sys.executable, "-m", "venv", str(VENV)])
        subprocess.check_call([str(python), "-m", "pip", "-q", "install", "highspy", "ortools", "numpy"])
    only = [f for f in args.only.split(",") if f]
    print(f"{'instance':27} {'solver':9} {'cpu s':>8} {'wall s':>8} {'MiB':>7} {'answer':>14} {'bound':>16} {'gap %':>9}")
    for name, kind, small, _ in CASES:
        if args.small and not small:
            continue
        if only and name.split()[0] not in only:
            continue
        with tempfile.TemporaryDirectory() as folder:
            file = pathlib.Path(folder) / "instance.json"
            # In a process of its own: a child's peak memory begins with its parent's.
            subprocess.check_call([sys.executable, __file__, "--make", name, str(file)])
            runs = {"minsheng": [args.minsheng, "solve", kind, str(file)]}
            for other in ("highs", "cpsat"):
                runs[other] = [str(python), __file__, "--limit", str(args.limit), "--run", other, kind, str(file)]
            first = None
            for solver, command in runs.items():
                text, cpu, wall, peak = measured(command, args.limit)
                o, b = (figure(text, key) for key in ("objective", "bound"))
                gap = f"{100 * abs(b - o) / max(1, abs(o)):.4f}" if o is not None and b is not None else "-"
                shown = "-" if b is None else f"{b:,.1f}" if isinstance(b, float) else f"{b:,}"
                if first is None:
                    first, ratio = (cpu, peak), ""
                else:
                    ratio = f"  {cpu / first[0]:.1f}x time, {peak / first[1]:.1f}x memory"
                answer = "none" if o is None else f"{o:,}"
                print(f"{name:27} {solver:9} {cpu:8.2f} {wall:8.2f} {peak / 2**20:7.0f} {answer:>14} {shown:>16} {gap:>9}{ratio}", flush=True)


if __name__ == "__main__":
    main()
