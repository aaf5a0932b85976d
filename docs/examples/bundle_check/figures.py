"""Indicators, what can be checked without rows, and what goes beyond minsheng."""

from .values import is_hex, need, same
from .folder import groups_of
from .rows import door_name, name


def counts_for(measure, a):
    return {"applicants": True, "placed": a.slot is not None, "first-choice": a.placed_position == 1,
            "undetermined": a.verdict == "undetermined"}[measure]


def check_indicators(b):
    expected, columns = [], groups_of(b.rules)
    for i in b.rules["indicators"]:
        cells = {} if i["by"] else {None: 0}
        for a in b.applicants:
            group = None if i["by"] is None else a.groups[columns.index(i["by"])] or ""
            cells[group] = cells.get(group, 0) + counts_for(i["measure"], a)
        for group in sorted(cells, key=lambda g: (g or "").encode()):
            hidden = 0 < cells[group] < b.rules["cell_min"]
            expected.append({"id": i["id"], "group": group, "value": None if hidden else cells[group]})
    for e, f in zip(expected, b.certificate["indicators"]):
        same(f"{e['id']} {e['group']}", e, f)
    same("number of indicators", len(expected), len(b.certificate["indicators"]))


def check_beyond(b):
    """What follows from the format although minsheng does not look at it."""
    r, c = b.rules, b.certificate
    for a in b.applicants or ():
        need(is_hex(a.facts_hash) if r["secret"] else a.facts_hash == "", a.ticket, "has no right facts_hash")
    for x in b.choices or ():
        for i, tier in enumerate(r["tiers"]):
            need(tier["unknown_cite"] or not x.tier_unknown >> i & 1, name(x), "- this tier cannot be unknown")
    pool, people = c["draw"]["pool_size"], c["applicants"]
    late = sum(a.standing.arrived is not None for a in b.applicants) if b.round and b.applicants else 0
    drawn = people - late if b.applicants or not b.round else pool
    need(pool == drawn if r["tie_break"]["unit"] == "applicant" else pool <= people, "draw.pool_size is not possible")
    need(0 <= c["choices"] - c["registers"][2]["rows"] <= (people if r["current_provider"] else 0),
         "choices is not possible")
    for d in b.doors:
        need(d.last_rank is None or 1 <= d.last_rank <= people, door_name(d), "- no such rank")


def check_cut_offs_form(b):
    for d in b.doors:
        last = (d.last_ticket, d.last_tier, d.last_score, d.last_rank)
        need(last.count(None) == (0 if d.placed == d.seats > 0 else 4), door_name(d), "- the cut-off cannot be right")
        if d.last_tier is not None:
            need(d.last_tier <= len(b.rules["tiers"]) + 1 and (d.last_tier == 0) == (d.door == "kept")
                 and (b.rules["score"] or d.last_score == 0), door_name(d), "- the cut-off cannot be right")


def check_indicators_form(b):
    left = list(b.certificate["indicators"])
    for i in b.rules["indicators"]:
        own = []
        while left and left[0]["id"] == i["id"]:
            own.append(left.pop(0))
        if i["by"] is None:
            need(len(own) == 1 and own[0]["group"] is None, i["id"], "has wrong groups")
        else:
            groups = [f["group"] for f in own]
            need(None not in groups and all(x.encode() < y.encode() for x, y in zip(groups, groups[1:])), i["id"],
                 "has wrong groups")
        for f in own:
            need(not 0 < (f["value"] or 0) < b.rules["cell_min"], i["id"], "- a small count should be hidden")
    need(not left, "there are indicators that the rules do not have")
