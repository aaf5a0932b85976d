"""A bundle as values that can be changed and written again."""

import copy
import io
import os

import pyarrow as pa
import pyarrow.parquet as pq

import bundle_check as cb

TABLES = {"applicants": "applicants.parquet", "choices": "choices.parquet", "providers": "providers.parquet",
          "doors": "doors.parquet"}


class Work:
    """A bundle as values that can be changed and written again."""

    def __init__(self, path):
        self.bundle = b = cb.read_folder(path)
        self.rules, self.certificate, self.programme = b.rules, b.certificate, b.programme
        self.tables = {k: pq.read_table(os.path.join(b.path, f)) for k, f in TABLES.items()}
        self.rows = {k: t.to_pylist() for k, t in self.tables.items()}
        self.files, self.metadata, self.described = {}, {}, None
        self.after = None

    def fresh(self):
        w = copy.copy(self)
        w.rules, w.certificate = copy.deepcopy(self.rules), copy.deepcopy(self.certificate)
        w.rows = {k: [dict(r) for r in rows] for k, rows in self.rows.items()}
        w.tables, w.files, w.metadata, w.after = dict(self.tables), {}, {}, None
        return w

    def table(self, kind):
        schema = self.tables[kind].schema
        if self.rows[kind] is None:
            return self.tables[kind]
        return pa.Table.from_pylist(self.rows[kind], schema=schema)

    def write(self, parent):
        """Writes everything with its hashes; `files` replace what would be written."""
        new = os.path.join(parent, "new")
        os.mkdir(new)
        # Left out where there is none.
        certificate = {k: v for k, v in self.certificate.items() if k != "closed" or v}
        rules = {k: v for k, v in self.rules.items() if k != "minimum" or v}
        notice = cb.notice_of(self.rules)
        if notice:
            certificate["notice"] = notice
        data = {"programme.toml": self.programme, "rules.json": cb.canonical_bytes(rules),
                "certificate.json": cb.canonical_bytes(certificate)}
        for kind, name in TABLES.items():
            out = io.BytesIO()
            metadata = ({"notice": cb.canonical_bytes(notice)} if notice else {}) | self.metadata
            table = self.table(kind).replace_schema_metadata(None)
            with pq.ParquetWriter(out, table.schema, store_schema=False, version="2.6", compression="zstd") as writer:
                writer.write_table(table)
                if metadata:
                    writer.add_key_value_metadata(metadata)
            data[name] = out.getvalue()
        data.update(self.files)

        def entries():
            return [{"bytes": len(data[n]), "path": n, "sha256": cb.sha(data[n]).hex()} for n in sorted(data)
                    if n != "manifest.json"]

        data.setdefault("datapackage.json", cb.canonical_bytes(cb.datapackage_of(self.described or self.rules, entries())))
        manifest = {"files": entries(), "format": cb.FORMAT}
        if notice:
            manifest["notice"] = notice
        data.setdefault("manifest.json", cb.canonical_bytes(manifest))
        for name, content in data.items():
            with open(os.path.join(new, name), "wb") as f:
                f.write(content)
        path = os.path.join(parent, f"{self.rules['programme']}-{self.rules['cycle']}-"
                                    f"{cb.sha(data['manifest.json']).hex()[:16]}")
        os.rename(new, path)
        return self.after(path) or path if self.after else path

    def view(self):
        """The changed rows as the checker's own objects."""
        b = cb.Bundle()
        b.rules, b.certificate = self.rules, self.certificate
        b.slots, b.round = self.bundle.slots, None
        b.providers, b.doors, b.applicants, b.choices = (
            [cb.Row(r.keys(), r.values()) for r in self.rows[k]] for k in ("providers", "doors", "applicants", "choices"))
        b.index = {p.provider: i for i, p in enumerate(b.providers)}
        people = {}
        for a, row in zip(b.applicants, self.rows["applicants"]):
            people[a.ticket] = a
            a.groups, a.choices = [getattr(a, "group:" + g) for g in cb.groups_of(self.rules)], []
            a.slot = b.slots.index(a.placed_door) if a.placed_door in b.slots else None
            a.row = row
        for x, row in zip(b.choices, self.rows["choices"]):
            x.applicant, x.place, x.row = people[x.ticket], b.index.get(x.provider, 0), row
            x.applicant.choices.append(x)
        return b

    def reroot(self):
        b = self.view()
        leaves = [cb.leaf_hash(cb.leaf_data(*cb.own_leaf(b, a))) for a in b.applicants]
        self.certificate["rows_root"] = cb.tree_root(leaves).hex()

    def redraw(self):
        """Pool, seed and everything that hangs on the order of the draw."""
        seal, r = self.certificate["draw"], self.rules
        pool = sorted({a["draw_ticket"].encode() for a in self.rows["applicants"]})
        seal["pool_root"], seal["pool_size"] = cb.tree_root([cb.leaf_hash(t) for t in pool]).hex(), len(pool)
        seal["id"], seal["canonical"] = r["draw"]["id"], cb.sources_text(r)
        text = "\n".join(("minsheng draw 1", r["programme"], r["cycle"], r["draw"]["id"], cb.sources_text(r)))
        seal["seed"] = cb.mac(bytes.fromhex(seal["pool_root"]), text.encode()).hex()

    def republish(self):
        """Doors, counts, indicators and root from the placements; what the rules give
        stays as it was."""
        b, c = self.view(), self.certificate
        reserves = len(self.rules["reserves"])
        for a in b.applicants:
            a.got = cb.placed_choice(a) if a.slot is not None else None
        cb.count_doors(b)
        for i, d in enumerate(b.doors):
            row, slot, inside = self.rows["doors"][i], i % len(b.slots), len(b.inside[i])
            provider = self.rows["providers"][i // len(b.slots)]
            if slot == 0:
                remaining, row["seats"], provider["placed"] = provider["capacity"] - inside, inside, 0
                row["declared"] = inside
            elif slot <= reserves:
                row["seats"] = min(row["declared"], remaining)
                hard = self.rules["reserves"][slot - 1]["unused"] == "empty"
                remaining -= row["seats"] if hard else inside
            elif slot == reserves + 1:
                row["declared"], row["seats"] = provider["capacity"], max(remaining, 0)
            if slot <= reserves + 1:
                provider["placed"] += inside
            row["placed"], worst = inside, b.worst[i]
            last = (worst.ticket, worst.tier, worst.score, worst.rank) if worst and inside == row["seats"] else (None,) * 4
            row["last_ticket"], row["last_tier"], row["last_score"], row["last_rank"] = last
        c["placed"] = sum(a.slot is not None for a in b.applicants)
        for v in cb.VERDICTS:
            c[v.replace("-", "_")] = sum(a.verdict == v for a in b.applicants)
        c["indicators"], columns = [], cb.groups_of(self.rules)
        for i in self.rules["indicators"]:
            cells = {} if i["by"] else {None: 0}
            for a in b.applicants:
                group = None if i["by"] is None else a.groups[columns.index(i["by"])] or ""
                cells[group] = cells.get(group, 0) + cb.counts_for(i["measure"], a)
            c["indicators"] += [{"id": i["id"], "group": g, "value": None if 0 < cells[g] < self.rules["cell_min"]
                                 else cells[g]} for g in sorted(cells, key=lambda g: (g or "").encode())]
        self.reroot()


TAMPERINGS = []


def tampering(f):
    TAMPERINGS.append((f.__name__, f))
    return f


def each(names, make):
    for n in names:
        f = make(n)
        TAMPERINGS.append((f.__name__ + " " + n, f))


def some(rows, holds, dice):
    return dice.choice([r for r in rows if holds(r)])
