"""Places: doors, counts, indicators and the root are written again."""

import contextlib

import bundle_check as cb

from .work import some, tampering


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
    if not w.rules["reserves"]:
        raise LookupError("there are no reserves")
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


def circles(b):
    """Circles of choices: each person moves to the first less wanted provider that would
    take this person instead of its last admitted, who moves on likewise."""
    opened = b.slots.index("open")

    def next_of(x):
        for y in x.applicant.choices:
            slot = y.place * len(b.slots) + opened
            if y.position > x.position and cb.usable(y) and b.worst[slot] and y.key < b.worst[slot].key:
                return y, b.worst[slot]
        return None, None

    done = set()
    for a in b.applicants:
        x, path = a.got, {}
        while x and x not in done:
            done.add(x)
            y, last = next_of(x)
            path[x] = y
            x = last
        if x in path:
            path = list(path.items())
            yield [y for _, y in path[[k for k, _ in path].index(x):]]


@tampering
def another_stable_outcome(w, dice):
    """People change places in a circle so that all of them are worse off, their
    providers better, and everything but the mechanism itself still holds."""
    b = w.view()
    for a in b.applicants:
        a.got = cb.placed_choice(a) if a.slot is not None else None
    cb.count_doors(b)
    for circle in circles(b):
        new = w.fresh()
        for y in circle:
            new.rows["applicants"][b.applicants.index(y.applicant)].update(
                placed_provider=y.provider, placed_position=y.position)
        new.republish()
        v = new.view()
        with contextlib.suppress(cb.Offender):
            for check in (cb.check_placements, cb.check_seats, cb.check_doors, cb.check_door_order, cb.check_envy):
                check(v)
            w.rows, w.certificate = new.rows, new.certificate
            return
    raise LookupError("no circle found")
