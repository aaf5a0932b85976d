"""Rows and the draw: the root is written again where it is not what is tested."""

import contextlib

import bundle_check as cb

from .work import each, some, tampering


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
