#!/usr/bin/env python3
"""Siting, access and assignment beside their peers, on the same instances, in one go.

    python3 bench/siting.py [--minsheng PATH] [--largest] [--limit SECONDS]

Makes its own environment under bench/.venv-siting (spopt with HiGHS and CBC, access,
OR-Tools). Every run is its own process; time is wall and CPU seconds from start to end,
reading included, memory the largest resident set. Both sides get the same numbers: what
is minimised, and by how much the answers differ, stands in the table. A ratio above 1 is
in minsheng's favour.
"""
import argparse, json, math, os, random, resource, subprocess, sys, tempfile, time, venv

HERE = os.path.dirname(os.path.abspath(__file__))
ENV = os.path.join(HERE, ".venv-siting")
PEERS = ["spopt==0.7.0", "access", "ortools", "highspy", "pulp", "geopandas"]


def environment():
    python = os.path.join(ENV, "bin", "python")
    if not os.path.exists(python):
        venv.create(ENV, with_pip=True)
        command = [python, "-m", "pip", "install", "--quiet", "--disable-pip-version-check", *PEERS]
        subprocess.run(command, check=True)
    return python


def run(command, limit):
    """Returns (output, wall, CPU, MB), or None when it failed or took too long."""
    start = time.monotonic()
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    with tempfile.TemporaryFile() as out, tempfile.TemporaryFile() as err:
        child = subprocess.Popen(command, stdout=out, stderr=err)
        usage = None
        while usage is None:
            pid, status, found = os.wait4(child.pid, os.WNOHANG)
            if pid:
                usage = found
            elif time.monotonic() - start > limit:
                child.kill()
                os.wait4(child.pid, 0)
                child.returncode = -9
                return None
            else:
                time.sleep(0.005)
        child.returncode = os.waitstatus_to_exitcode(status)
        out.seek(0)
        err.seek(0)
        if child.returncode != 0:
            sys.stderr.write(err.read().decode(errors="replace")[-600:] + "\n")
            return None
        text = out.read().decode()
    return text, time.monotonic() - start, usage.ru_utime + usage.ru_stime, usage.ru_maxrss / 1024


def city(seed, n, hubs=40, box=60000):
    rng = random.Random(seed)
    centres = [(rng.uniform(0, box), rng.uniform(0, box)) for _ in range(hubs)]
    points = []
    for _ in range(n):
        if rng.random() < 0.25:
            points.append((rng.randrange(box), rng.randrange(box)))
        else:
            x, y = rng.choice(centres)
            points.append((int(x + rng.gauss(0, 1500)), int(y + rng.gauss(0, 1500))))
    return points


def distance(a, b):
    return math.isqrt((a[0] - b[0]) ** 2 + (a[1] - b[1]) ** 2)


def graph(seed, n, p):
    """A random graph of the shape of the OR-Library's p-median instances."""
    rng = random.Random(seed)
    lines = []
    edges = n * n // 50
    for k in range(edges):
        a, b = (k + 1, k + 2) if k + 1 < n else (rng.randint(1, n), rng.randint(1, n))
        lines.append(f"{a} {b} {rng.randint(1, 100)}")
    return f"{n} {edges} {p}\n" + "\n".join(lines) + "\n"


PEER_MEDIAN = r"""
import sys, json, warnings
warnings.filterwarnings("ignore")
import numpy as np, pulp
from spopt.locate import PMedian, MCLP
kind, solver, path = sys.argv[1:4]
data = json.load(open(path))
engine = pulp.HiGHS(msg=False) if solver == "highs" else pulp.PULP_CBC_CMD(msg=False)
if "graph" in data:
    from scipy.sparse.csgraph import floyd_warshall
    rows = data["graph"].split("\n")
    n, _, p = map(int, rows[0].split())
    edges = {}
    for row in rows[1:]:
        if row:
            a, b, c = map(int, row.split())
            if a != b:
                edges[min(a, b), max(a, b)] = c
    matrix = np.full((n, n), np.inf)
    np.fill_diagonal(matrix, 0)
    for (a, b), c in edges.items():
        matrix[a - 1, b - 1] = matrix[b - 1, a - 1] = c
    costs, weights = floyd_warshall(matrix), np.ones(n)
else:
    d, s = np.array(data["demand"], dtype=float), np.array(data["site"], dtype=float)
    costs = np.floor(np.sqrt(((d[:, None, :] - s[None, :, :]) ** 2).sum(-1)))
    weights, p = np.array(data["weight"], dtype=float), data["p"]
if kind == "median":
    model = PMedian.from_cost_matrix(costs, weights, p_facilities=p)
    model = model.solve(engine)
    print(round(model.problem.objective.value()))
else:
    model = MCLP.from_cost_matrix(costs, weights, data["reach"], p_facilities=p)
    model = model.solve(engine)
    print(round(model.problem.objective.value()))
"""

PEER_ACCESS = r"""
import sys, json, warnings
warnings.filterwarnings("ignore")
import numpy as np, pandas as pd
from scipy.spatial import cKDTree
from access import Access, weights
data = json.load(open(sys.argv[1]))
d, s = np.array(data["demand"], dtype=float), np.array(data["site"], dtype=float)
pairs = cKDTree(d).sparse_distance_matrix(cKDTree(s), data["reach"], output_type="coo_matrix")
cost = pd.DataFrame({"origin": pairs.row, "dest": pairs.col, "cost": np.floor(pairs.data)})
demand = pd.DataFrame({"id": range(len(d)), "people": data["people"]})
supply = pd.DataFrame({"id": range(len(s)), "supply": data["supply"]})
a = Access(demand_df=demand, demand_index="id", demand_value="people",
           supply_df=supply, supply_index="id", supply_value=["supply"],
           cost_df=cost, cost_origin="origin", cost_dest="dest", cost_name="cost")
fn = weights.step_fn({k: v / 1000 for k, v in data["zones"]})
result = a.enhanced_two_stage_fca(name="e", max_cost=data["reach"], weight_fn=fn)
print(float((result["e_supply"].fillna(0) * demand.set_index("id")["people"]).sum()))
"""

PEER_ASSIGN = r"""
import sys, json
import numpy as np
from ortools.graph.python import min_cost_flow
data = json.load(open(sys.argv[1]))
d, s = np.array(data["demand"], dtype=float), np.array(data["site"], dtype=float)
n, m = len(d), len(s)
costs = np.floor(np.sqrt(((d[:, None, :] - s[None, :, :]) ** 2).sum(-1))).astype(np.int64)
flow = min_cost_flow.SimpleMinCostFlow()
tails = np.repeat(np.arange(n), m)
heads = np.tile(np.arange(n, n + m), n)
amounts = np.array(data["amount"], dtype=np.int64)
flow.add_arcs_with_capacity_and_unit_cost(tails, heads, np.repeat(amounts, m), costs.ravel())
flow.add_arcs_with_capacity_and_unit_cost(
    np.arange(n, n + m), np.full(m, n + m), np.array(data["capacity"]), np.zeros(m, dtype=np.int64))
flow.set_nodes_supplies(np.arange(n), amounts)
flow.set_nodes_supplies(np.array([n + m]), np.array([-int(amounts.sum())]))
assert flow.solve() == flow.OPTIMAL
print(flow.optimal_cost())
"""


def points(prefix, list_, **more):
    rows = []
    for k, (x, y) in enumerate(list_):
        rows.append({"id": f"{prefix}{k}", "x": x, "y": y, **{key: value[k] for key, value in more.items()}})
    return rows


class Bench:
    def __init__(self, options):
        self.options = options
        self.python = environment()
        self.dir = tempfile.mkdtemp(prefix="siting-")

    def write(self, name, value):
        path = os.path.join(self.dir, name)
        with open(path, "w") as out:
            out.write(value if isinstance(value, str) else json.dumps(value))
        return path

    def peer(self, script, *arguments):
        path = self.write("peer.py", script)
        return run([self.python, path, *arguments], self.options.limit)

    def show(self, name, ours, theirs, peer, answer):
        if ours is None:
            print(f"{name:<34} minsheng: none within {self.options.limit} s", flush=True)
            return
        text, wall, cpu, memory = ours
        value, note = answer(json.loads(text))
        line = f"{name:<34} minsheng {value} {note} {wall:.2f} s ({cpu:.2f} CPU) {memory:.0f} MB"
        if theirs is None:
            line += f" | {peer}: none within {self.options.limit} s"
        else:
            text, own, cpu2, memory2 = theirs
            line += (f" | {peer} {text.strip().splitlines()[-1]} {own:.2f} s ({cpu2:.2f} CPU) {memory2:.0f} MB"
                     f" | time {cpu2 / max(cpu, 0.001):.1f}x, memory {memory2 / memory:.1f}x")
        print(line, flush=True)

    def solve(self, *arguments):
        return run([self.options.minsheng, "solve", *arguments], self.options.limit)

    def site_answer(self, out):
        gap = out["gap"] / max(1, abs(out["objective"])) * 100
        return out["objective"], f"{out['status'].split()[0]} gap {gap:.4f} %"

    def median_graph(self, n, p):
        text = graph(n + p, n, p)
        ours = self.solve("site", self.write("graph.txt", text), "--model", "p-median")
        small = n <= 400 or self.options.largest
        theirs = self.peer(PEER_MEDIAN, "median", "highs", self.write("g.json", {"graph": text})) if small else None
        self.show(f"p-median graph n={n} p={p}", ours, theirs, "spopt+HiGHS", self.site_answer)

    def points_instance(self, n, m, model, p, reach=None):
        demand, site = city(n, n), city(m + 1, m)
        weight = [1 + i * 7919 % 1000 for i in range(n)]
        instance = {"model": model, "p": p, "demands": points("d", demand, weight=weight), "sites": points("s", site)}
        peer = {"demand": demand, "site": site, "weight": weight, "p": p}
        if reach:
            instance["reach"] = peer["reach"] = reach
        return self.write("points.json", instance), self.write("peer.json", peer)

    def median_city(self, n, m, p):
        ours, peer = self.points_instance(n, m, "p-median", p)
        theirs = None
        if n * m <= 500_000:
            theirs = self.peer(PEER_MEDIAN, "median", "highs", peer)
        self.show(f"p-median city {n}x{m} p={p}", self.solve("site", ours), theirs, "spopt+HiGHS", self.site_answer)

    def cover_city(self, n, m, p, reach):
        ours, peer = self.points_instance(n, m, "max-cover", p, reach)
        theirs = self.peer(PEER_MEDIAN, "cover", "highs", peer) if n * m <= 20_000_000 else None
        self.show(f"max-cover city {n}x{m} p={p}", self.solve("site", ours), theirs, "spopt+HiGHS", self.site_answer)

    def access(self, n, m, reach=5000):
        demand, site = city(n, n), city(m + 1, m)
        people = [1 + i * 7919 % 1000 for i in range(n)]
        supply = [1 + j * 31 % 50 for j in range(m)]
        zones = [(1000, 1000), (2500, 680), (reach, 220)]
        instance = {
            "method": "2sfca", "zones": [{"distance": a, "weight": b} for a, b in zones],
            "demands": points("d", demand, people=people), "suppliers": points("s", site, supply=supply),
        }
        peer = {"demand": demand, "site": site, "people": people, "supply": supply, "zones": zones, "reach": reach}
        ours = self.solve("access", self.write("access.json", instance))
        theirs = self.peer(PEER_ACCESS, self.write("a.json", peer))
        answer = lambda out: (out["now"]["served"], "served")
        self.show(f"E2SFCA {n}x{m}", ours, theirs, "access", answer)

    def assign(self, n, m):
        demand, site = city(n, n), city(m + 1, m)
        amount = [1 + i * 7919 % 1000 for i in range(n)]
        capacity = [sum(amount) * 105 // 100 // m + 1] * m
        instance = {"demands": points("d", demand, amount=amount), "providers": points("p", site, capacity=capacity)}
        peer = {"demand": demand, "site": site, "amount": amount, "capacity": capacity}
        ours = self.solve("assign", self.write("assign.json", instance))
        theirs = self.peer(PEER_ASSIGN, self.write("p.json", peer))
        answer = lambda out: (out["objective"], out["status"])
        self.show(f"assign {n}x{m}, all pairs", ours, theirs, "OR-Tools", answer)


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--minsheng", default="target/release/minsheng")
    parser.add_argument("--largest", action="store_true", help="also the sizes that take minutes")
    parser.add_argument("--limit", type=float, default=300, help="seconds after which a run is given up")
    bench = Bench(parser.parse_args())
    for n, p in [(100, 5), (200, 10), (300, 5), (400, 40)]:
        bench.median_graph(n, p)
    for n, m, p in [(1000, 200, 20), (10000, 1000, 100)]:
        bench.median_city(n, m, p)
    for n, m, p in [(1000, 200, 20), (5000, 500, 50)]:
        bench.cover_city(n, m, p, 3000)
    for n, m in [(310, 33), (5000, 300)]:
        bench.assign(n, m)
    for n, m in [(10000, 2000)]:
        bench.access(n, m)
    if bench.options.largest:
        bench.median_graph(900, 90)
        bench.median_city(100000, 10000, 1000)
        bench.assign(50000, 300)
        bench.access(50000, 5000)
        bench.access(100000, 10000)


if __name__ == "__main__":
    main()
