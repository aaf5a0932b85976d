#!/usr/bin/env python3
"""Makes tampered copies of a bundle and holds checkers against them.

    tamper_bundle.py BUNDLE [COMMAND…]

Each copy differs in one thing; hashes, roots, counts and the folder's name are
written again where they are not what is tested. The checker beside this file has
to refuse every copy. COMMAND, if given, is a second checker, called with the
copy's folder behind it. Needs a bundle with `publish = "rows"`.
"""

import contextlib
import copy
import io
import os
import random
import shutil
import subprocess
import sys
import tempfile

import pyarrow as pa
import pyarrow.parquet as pq

import check_bundle as cb

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
        certificate = dict(self.certificate)
        notice = cb.notice_of(self.rules)
        if notice:
            certificate["notice"] = notice
        data = {"programme.toml": self.programme, "rules.json": cb.canonical_bytes(self.rules),
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
        b.slots = self.bundle.slots
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

    def republish(self, declared=None):
        """Doors, counts, indicators and root from the placements; seats of reserves
        as declared here, or as they were."""
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
            elif slot <= reserves:
                row["seats"] = min(declared[i] if declared else row["seats"], remaining)
                hard = self.rules["reserves"][slot - 1]["unused"] == "empty"
                remaining -= row["seats"] if hard else inside
            elif slot == reserves + 1:
                row["seats"] = max(remaining, 0)
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


# --- the folder -------------------------------------------------------------------


def flip_byte(file):
    def flip_a_byte(w, dice):
        def change(path):
            with open(os.path.join(path, file), "r+b") as f:
                data = bytearray(f.read())
                data[dice.randrange(len(data))] ^= 1 << dice.randrange(8)
                f.seek(0)
                f.write(data)
        w.after = change
    return flip_a_byte


each([*cb.FILES, "manifest.json"], flip_byte)


@tampering
def a_file_more(w, dice):
    w.after = lambda path: open(os.path.join(path, "note.txt"), "w").close()


@tampering
def a_file_less(w, dice):
    w.after = lambda path: os.remove(os.path.join(path, "doors.parquet"))


@tampering
def a_folder_more(w, dice):
    w.after = lambda path: os.mkdir(os.path.join(path, "more"))


@tampering
def a_link_for_a_file(w, dice):
    def change(path):
        file = os.path.join(path, "programme.toml")
        os.rename(file, path + ".toml")
        os.symlink(path + ".toml", file)
    w.after = change


@tampering
def another_name(w, dice):
    def change(path):
        os.rename(path, path[:-1] + "x")
        return path[:-1] + "x"
    w.after = change


@tampering
def a_space_in_rules_json(w, dice):
    w.files["rules.json"] = cb.canonical_bytes(w.rules).replace(b":", b": ", 1)


@tampering
def another_description(w, dice):
    rules = dict(w.rules, title={"zh": "x", "en": "x"})
    w.files["datapackage.json"] = cb.canonical_bytes(cb.datapackage_of(rules, w.bundle.files))


# --- JSON ------------------------------------------------------------------------


@tampering
def a_null_left_out_of_rules_json(w, dice):
    next(v for v in w.rules["clauses"] + w.rules["variables"] if "missing" in v).pop("missing_cite")


@tampering
def a_null_left_out_of_the_top_of_rules_json(w, dice):
    del w.rules["current_provider" if w.rules["current_provider"] is None else "objections_until"]


@tampering
def a_list_for_an_object_in_rules_json(w, dice):
    w.described = copy.deepcopy(w.rules)
    w.rules["body"] = [w.rules["body"]["zh"], w.rules["body"]["en"]]


@tampering
def an_object_for_a_word_in_rules_json(w, dice):
    w.rules["tie_break"]["method"] = {w.rules["tie_break"]["method"]: None}


@tampering
def a_key_more_in_rules_json(w, dice):
    w.rules["more"] = 1


@tampering
def a_decimal_written_otherwise(w, dice):
    found = next(p for p in w.rules["parameters"] if "decimal" in p["value"])
    found["value"]["decimal"] += "0"


@tampering
def a_null_left_out_of_certificate_json(w, dice):
    del next(i for i in w.certificate["indicators"] if i["group"] is None or i["value"] is None)["group"]


@tampering
def a_list_for_an_object_in_certificate_json(w, dice):
    i = w.certificate["indicators"][0]
    w.certificate["indicators"][0] = [i["id"], i["group"], i["value"]]


@tampering
def a_key_more_in_certificate_json(w, dice):
    w.certificate["more"] = 1


# --- rules and identity ----------------------------------------------------------


@tampering
def a_tier_in_rules_json_alone(w, dice):
    w.rules["tiers"].reverse()


@tampering
def a_citation_in_rules_json_alone(w, dice):
    w.rules["clauses"][0]["cite"] += "x"


@tampering
def a_parameter_in_the_programme_alone(w, dice):
    at = w.programme.index(b"value = ") + 8
    w.programme = w.programme[:at] + b"1" + w.programme[at:]


@tampering
def a_drawn_number_in_rules_json(w, dice):
    w.rules["draw"]["sources"][0]["values"][0] += 1
    w.redraw()
    w.republish()


@tampering
def the_programme_file_does_not_parse(w, dice):
    w.programme += b"\n["


def certificate_value(key):
    def certificate_is_about_something_else(w, dice):
        c = w.certificate
        c[key] = c[key] + 1 if isinstance(c[key], int) else c[key][:-1] + ("1" if c[key][-1] != "1" else "2")
    return certificate_is_about_something_else


each(["format", "mechanism", "programme", "version", "cycle", "as_of", "rows_root", "applicants", "choices",
      "providers", "eligible", "not_eligible", "undetermined", "placed"], certificate_value)


@tampering
def one_undetermined_called_not_eligible_in_the_counts(w, dice):
    w.certificate["undetermined"] -= 1
    w.certificate["not_eligible"] += 1


@tampering
def a_register_by_another_name(w, dice):
    w.certificate["registers"][1]["name"] += "x"


@tampering
def a_register_hash_in_capitals(w, dice):
    w.certificate["registers"][0]["sha256"] = "A" * 64


def register_rows(which):
    def a_register_of_another_length(w, dice):
        if which == "2" and any(x["kept"] for x in w.rows["choices"]):
            raise LookupError("kept seats may stand on lists or not")
        w.certificate["registers"][int(which)]["rows"] += 1
    return a_register_of_another_length


each("012", register_rows)


# --- tables ----------------------------------------------------------------------


@tampering
def a_column_by_another_name(w, dice):
    t = w.tables["doors"]
    w.rows["doors"], w.tables["doors"] = None, t.rename_columns([n.replace("seats", "seat") for n in t.column_names])


@tampering
def columns_in_another_order(w, dice):
    w.rows["providers"], w.tables["providers"] = None, w.tables["providers"].select(
        ["provider", "placed", "capacity", *w.tables["providers"].column_names[3:]])


@tampering
def a_column_that_may_be_null(w, dice):
    s = w.tables["choices"].schema
    w.rows["choices"], w.tables["choices"] = None, w.tables["choices"].cast(s.set(3, s.field(3).with_nullable(True)))


@tampering
def a_wider_column(w, dice):
    s = w.tables["choices"].schema
    w.rows["choices"], w.tables["choices"] = None, w.tables["choices"].cast(s.set(10, s.field(10).with_type(pa.uint32())))


@tampering
def a_column_more(w, dice):
    t = w.tables["providers"]
    w.rows["providers"], w.tables["providers"] = None, t.append_column("more", pa.array([None] * t.num_rows, pa.string()))


@tampering
def metadata_more(w, dice):
    w.metadata = {"more": "x"}


@tampering
def a_field_id(w, dice):
    s = w.tables["doors"].schema
    w.rows["doors"], w.tables["doors"] = None, w.tables["doors"].cast(
        s.set(0, s.field(0).with_metadata({"PARQUET:field_id": "7"})))


def swapped(kind):
    def two_rows_swapped(w, dice):
        rows = w.rows[kind]
        rows[0], rows[1] = rows[1], rows[0]
    return two_rows_swapped


each(TABLES, swapped)


def dropped(kind):
    def a_row_dropped(w, dice):
        w.rows[kind].pop()
        if kind in w.certificate:
            w.certificate[kind] -= 1
    return a_row_dropped


each(TABLES, dropped)


def some(rows, holds, dice):
    return dice.choice([r for r in rows if holds(r)])


@tampering
def an_applicant_left_out(w, dice):
    gone = some(w.rows["applicants"], lambda a: a["placed_door"] is None and a["verdict"] != "eligible", dice)
    w.rows["applicants"].remove(gone)
    w.rows["choices"] = [x for x in w.rows["choices"] if x["ticket"] != gone["ticket"]]
    w.certificate["applicants"] -= 1
    w.certificate["choices"] = len(w.rows["choices"])
    w.redraw()
    w.republish()


# --- rows: the root is written again ------------------------------------------------


@tampering
def a_row_changed_under_the_old_root(w, dice):
    a = some(w.rows["applicants"], lambda a: True, dice)
    a["facts_hash"] = cb.sha(b"x").hex()


@tampering
def half_a_placement(w, dice):
    some(w.rows["applicants"], lambda a: a["placed_door"], dice)["placed_position"] = None


@tampering
def an_unknown_door(w, dice):
    some(w.rows["applicants"], lambda a: a["placed_door"], dice)["placed_door"] = "side"


@tampering
def an_unknown_verdict(w, dice):
    some(w.rows["choices"], lambda x: True, dice)["verdict"] = "maybe"


def row_value(spec):
    kind, column, bit = spec.split()

    def a_value_changed(w, dice):
        r = some(w.rows[kind], lambda r: True, dice)
        r[column] ^= 1 << int(bit)
        if column in ("holds", "unknown"):
            r["holds"] |= 1 << int(bit)
            r["unknown"] |= 1 << int(bit)
        w.reroot()
    return a_value_changed


each(["applicants holds 0", "applicants holds 31", "applicants unknown 20", "choices holds 0", "choices unknown 31",
      "choices tier_holds 30", "choices tier_unknown 31", "choices reserves 15", "choices ceilings 14",
      "choices tier 0", "choices tier 6"], row_value)


@tampering
def a_score_beyond_the_limit(w, dice):
    some(w.rows["choices"], lambda x: True, dice)["score"] = -(1 << 53) - 1
    with contextlib.suppress(cb.Offender):
        w.reroot()


@tampering
def a_seat_kept_by_nobodys_rule(w, dice):
    x = some(w.rows["choices"], lambda x: not x["kept"], dice)
    x["kept"], x["tier"] = True, 0
    w.reroot()


@tampering
def a_verdict_turned(w, dice):
    some(w.rows["applicants"], lambda a: a["verdict"] == "undetermined", dice)["verdict"] = "not-eligible"
    w.republish()


@tampering
def a_choice_verdict_turned(w, dice):
    x = some(w.rows["choices"], lambda x: True, dice)
    x["verdict"] = "undetermined" if x["verdict"] == "eligible" else "eligible"
    w.reroot()


@tampering
def a_provider_listed_twice(w, dice):
    b = w.view()
    a = some(b.applicants, lambda a: a.slot is None and len(a.choices) > 1, dice)
    a.choices[1].row["provider"] = a.choices[0].provider
    w.republish()


@tampering
def a_ceiling_and_a_reserve(w, dice):
    b = w.view()
    x = some(b.choices, lambda x: cb.usable(x) and not x.kept, dice)
    x.row["reserves"], x.row["ceilings"] = 1, 1
    w.reroot()


# --- the draw ---------------------------------------------------------------------


def seal_value(key):
    def the_draw_says_something_else(w, dice):
        s = w.certificate["draw"]
        s[key] = s[key] + 1 if isinstance(s[key], int) else s[key][:-1] + ("a" if s[key][-1] != "a" else "b")
    return the_draw_says_something_else


each(["id", "pool_size", "pool_root", "canonical", "seed"], seal_value)


@tampering
def no_draw_ticket(w, dice):
    some(w.rows["applicants"], lambda a: True, dice)["draw_ticket"] = ""
    w.redraw()
    w.republish()


@tampering
def another_draw_ticket_after_the_draw(w, dice):
    some(w.rows["applicants"], lambda a: True, dice)["draw_ticket"] += "-2"
    w.republish()


@tampering
def another_draw_ticket_before_the_draw(w, dice):
    some(w.rows["applicants"], lambda a: True, dice)["draw_ticket"] += "-2"
    w.redraw()
    w.republish()


@tampering
def a_seed_that_is_none(w, dice):
    w.certificate["draw"]["seed"] = "x"


# --- places: doors, counts, indicators are written again -------------------------------


@tampering
def placed_off_the_list(w, dice):
    b = w.view()
    a = some(b.applicants, lambda a: a.slot is not None, dice)
    a.row["placed_provider"] = next(p.provider for p in b.providers if all(x.provider != p.provider for x in a.choices))
    w.reroot()


@tampering
def placed_at_a_position_that_is_not_there(w, dice):
    some(w.rows["applicants"], lambda a: a["placed_door"], dice)["placed_position"] += 100
    w.reroot()


@tampering
def placed_without_being_eligible(w, dice):
    b = w.view()
    a = some(b.applicants, lambda a: a.verdict != "eligible" and a.choices, dice)
    x = a.choices[0]
    a.row.update(placed_provider=x.provider, placed_door="open", placed_position=x.position)
    w.republish()


@tampering
def through_a_reserve_without_belonging(w, dice):
    b = w.view()
    a = some(b.applicants, lambda a: a.placed_door == "open" and not cb.placed_choice(a).reserves, dice)
    a.row["placed_door"] = b.slots[1]
    w.republish()


@tampering
def through_open_instead_of_the_reserve(w, dice):
    b = w.view()
    a = some(b.applicants, lambda a: (a.placed_door or "").startswith("reserve"), dice)
    a.row["placed_door"] = "open"
    w.republish()


@tampering
def a_place_taken_away(w, dice):
    a = some(w.rows["applicants"], lambda a: a["placed_door"], dice)
    a.update(placed_door=None, placed_provider=None, placed_position=None)
    w.republish()


@tampering
def a_place_given_to_a_better_choice(w, dice):
    b = w.view()
    a = some(b.applicants, lambda a: a.slot is not None and cb.better(a), dice)
    x = cb.better(a)[0]
    a.row.update(placed_provider=x.provider, placed_door="open", placed_position=x.position)
    w.republish()


@tampering
def two_people_change_places(w, dice):
    b = w.view()
    by = {}
    for a in b.applicants:
        if a.placed_door == "open":
            by.setdefault(a.placed_provider, []).append(a)
    pairs = [(a, x, other) for a in b.applicants if a.placed_door == "open" for x in cb.better(a)[:1]
             for other in by.get(x.provider, []) for y in other.choices
             if y.provider == a.placed_provider and cb.usable(y)]
    if not pairs:
        raise LookupError("nobody to change places with")
    a, x, other = dice.choice(pairs)
    y = next(y for y in other.choices if y.provider == a.placed_provider)
    a.row.update(placed_provider=x.provider, placed_position=x.position)
    other.row.update(placed_provider=y.provider, placed_position=y.position)
    w.republish()


@tampering
def somebody_unplaced_pushed_in_for_another(w, dice):
    b = w.view()
    by = {}
    for a in b.applicants:
        if a.placed_door == "open":
            by.setdefault(a.placed_provider, []).append(a)
    a = some(b.applicants, lambda a: a.slot is None and any(x.provider in by for x in cb.better(a)), dice)
    x = next(x for x in cb.better(a) if x.provider in by)
    dice.choice(by[x.provider]).row.update(placed_door=None, placed_provider=None, placed_position=None)
    a.row.update(placed_provider=x.provider, placed_door="open", placed_position=x.position)
    w.republish()


@tampering
def another_stable_outcome(w, dice):
    """Two people change places so that both are worse off, both providers better, and
    everything but the mechanism itself still holds."""
    b = w.view()
    for a in b.applicants:
        a.got = cb.placed_choice(a) if a.slot is not None else None
    cb.count_doors(b)
    here = [[] for _ in b.providers]
    for a in b.applicants:
        if a.placed_door == "open":
            here[a.got.place].append(a)
    pairs = [(a, y, other, z) for a in b.applicants if a.placed_door == "open"
             for y in a.choices if y.position > a.got.position and cb.usable(y) and not y.kept
             for other in here[y.place] if y.key < other.got.key
             for z in other.choices if z.place == a.got.place and z.position > other.got.position
             and cb.usable(z) and not z.kept and z.key < a.got.key]
    for a, y, other, z in pairs[:20]:
        new = w.fresh()
        new.rows["applicants"] = [dict(r) for r in w.rows["applicants"]]
        for person, x in ((a, y), (other, z)):
            new.rows["applicants"][b.applicants.index(person)].update(
                placed_provider=x.provider, placed_position=x.position)
        new.republish()
        v = new.view()
        with contextlib.suppress(cb.Offender):
            for check in (cb.check_placements, cb.check_seats, cb.check_doors, cb.check_door_order, cb.check_envy):
                check(v)
            w.rows, w.certificate = new.rows, new.certificate
            return
    raise LookupError("no such pair")


# --- doors ------------------------------------------------------------------------


def door_value(spec):
    door, column, by = spec.split()

    def a_door_says_something_else(w, dice):
        d = some(w.rows["doors"], lambda d: d["door"].split(":")[0] == door and d[column] is not None
                 and d[column] + int(by) >= 0, dice)
        d[column] += int(by)
    return a_door_says_something_else


each(["kept seats 1", "reserve placed 1", "reserve seats 1000", "open seats 1", "open seats -1", "open placed 1",
      "ceiling placed 1", "ceiling placed -1", "open last_tier 1", "open last_score 1", "open last_rank 1"], door_value)


@tampering
def another_last_ticket(w, dice):
    d = some(w.rows["doors"], lambda d: d["last_ticket"], dice)
    d["last_ticket"] = w.rows["applicants"][0]["ticket"] if d["last_ticket"] != w.rows["applicants"][0]["ticket"] else "x"


@tampering
def a_cut_off_left_out(w, dice):
    d = some(w.rows["doors"], lambda d: d["last_ticket"], dice)
    d.update(last_ticket=None, last_tier=None, last_score=None, last_rank=None)


@tampering
def a_cut_off_where_there_is_room(w, dice):
    d = some(w.rows["doors"], lambda d: d["placed"] < d["seats"], dice)
    d.update(last_ticket="x", last_tier=1, last_score=0, last_rank=1)


@tampering
def a_seat_more(w, dice):
    some(w.rows["providers"], lambda p: True, dice)["capacity"] += 1


@tampering
def a_ceiling_lowered(w, dice):
    d = some(w.rows["doors"], lambda d: d["door"].startswith("ceiling") and d["placed"] > 0, dice)
    d["seats"] = d["placed"] - 1


@tampering
def a_provider_counts_one_more(w, dice):
    some(w.rows["providers"], lambda p: True, dice)["placed"] += 1


# --- indicators --------------------------------------------------------------------


@tampering
def an_indicator_too_high(w, dice):
    some(w.certificate["indicators"], lambda i: i["value"], dice)["value"] += 1


@tampering
def an_indicator_left_out(w, dice):
    w.certificate["indicators"].pop()


@tampering
def indicators_in_another_order(w, dice):
    w.certificate["indicators"].reverse()


@tampering
def a_small_cell_shown(w, dice):
    some(w.certificate["indicators"], lambda i: i["value"] is None, dice)["value"] = 1


@tampering
def a_facts_hash_that_is_none(w, dice):
    some(w.rows["applicants"], lambda a: True, dice)["facts_hash"] = "none" if w.rules["secret"] else "0" * 64
    w.reroot()


@tampering
def a_tier_that_cannot_be_unknown(w, dice):
    bit = next((i for i, t in enumerate(w.rules["tiers"]) if t["unknown_cite"] is None), None)
    if bit is None:
        raise LookupError("every tier may be unknown")
    some(w.rows["choices"], lambda x: not x["tier_holds"] >> bit & 1, dice)["tier_unknown"] |= 1 << bit
    w.reroot()


# --- running ------------------------------------------------------------------------


def judge(path):
    out = io.StringIO()
    with contextlib.redirect_stdout(out):
        code = cb.main([path])
    return code, out.getvalue().strip().splitlines()[-1]


def main(arguments):
    if not arguments:
        print(__doc__, file=sys.stderr)
        return 2
    original = Work(arguments[0])
    missed = tried = 0
    for title, tamper in [("nothing", lambda w, dice: None), ("nothing, all written again", lambda w, dice: w.republish()),
                          *TAMPERINGS]:
        work = original.fresh()
        with tempfile.TemporaryDirectory() as parent:
            try:
                tamper(work, random.Random(title))
                path = work.write(parent)
            except (LookupError, StopIteration) as e:
                print(f"{'-':8} {title}: not possible here ({e})")
                continue
            code, last = judge(path)
            second = subprocess.run([*arguments[1:], path], capture_output=True, text=True) if arguments[1:] else None
        honest = title.startswith("nothing")
        tried += 1
        wrong = (code == 0) != honest
        missed += wrong
        said = "" if second is None else f" | second: {second.returncode}" + (
            " MISSED" if (second.returncode == 0) != honest else "")
        print(f"{'MISSED' if wrong else 'ok':8} {title}: {' '.join(last.split())[:150]}{said}")
    print(f"{tried} copies, {missed} missed")
    return 1 if missed else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
