"""Doors, providers, indicators, and what only goes beyond minsheng."""

from .work import each, some, tampering


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
