"""Places, doors, cut-offs, envy, and the mechanism again."""

from .values import mac, need, same
from .rows import door_name, late_day, name, usable


def placed_choice(a):
    """The choice at the position of the placement, if it names the provider."""
    return next((x for x in a.choices if x.position == a.placed_position and x.provider == a.placed_provider), None)


def check_placements(b):
    reserves = len(b.rules["reserves"])
    for a in b.applicants:
        a.got = None
        if a.slot is None:
            continue
        a.got = x = placed_choice(a)
        need(x, a.ticket, "is placed where the own list does not say")
        need(usable(x), a.ticket, "is placed without being eligible")
        if a.slot == 0:
            right = x.kept
        elif a.slot <= reserves:
            right = not x.kept and x.reserves >> a.slot - 1 & 1
        else:
            right = not x.kept
        need(right, a.ticket, "came through a door that is not open to this person")


def block(b, place):
    return b.doors[place * len(b.slots):(place + 1) * len(b.slots)]


def check_seats(b):
    for i, p in enumerate(b.providers):
        doors = block(b, i)
        for d, expected in zip(doors, b.slots):
            need(d.door == expected, door_name(d), "-", expected, "was expected here")
            need(d.placed <= d.seats, door_name(d), "- more are placed than there are seats")
        kept, reserves, opened = doors[0], doors[1:len(b.rules["reserves"]) + 1], doors[len(b.rules["reserves"]) + 1]
        remaining = p.capacity - kept.placed
        need(remaining >= 0, door_name(kept), "- more are kept than there are seats")
        same(door_name(kept), kept.placed, kept.seats)
        for d, whole in [(kept, kept.seats), (opened, p.capacity)] + [(d, d.seats) for d in doors[len(reserves) + 2:]]:
            same(door_name(d), whole, d.declared)
        for rule, d in zip(b.rules["reserves"], reserves):
            same(door_name(d), min(d.declared, remaining), d.seats)
            remaining -= d.placed if rule["unused"] == "open" else d.seats
        same(door_name(opened), remaining, opened.seats)
        same(p.provider, sum(d.placed for d in (kept, opened, *reserves)), p.placed)


def ranks(b):
    """Gives every choice its rank."""
    seed = bytes.fromhex(b.certificate["draw"]["seed"])
    if b.rules["tie_break"]["method"] == "single":
        order = sorted(b.applicants, key=lambda a: (
            late_day(b, a) or "", mac(seed, a.draw_ticket.encode() + b"\x01"), a.ticket.encode()))
        for rank, a in enumerate(order, 1):
            for x in a.choices:
                x.rank = rank
        return
    by_place = [[] for _ in b.providers]
    for x in b.choices:
        by_place[x.place].append(x)
    for here in by_place:
        here.sort(key=lambda x: (late_day(b, x.applicant) or "", mac(seed, f"{x.applicant.draw_ticket}\n{x.provider}".encode() + b"\x01"),
                                 x.ticket.encode()))
        for rank, x in enumerate(here, 1):
            x.rank = rank


def turned(r, score):
    return -score if r["score"] and r["score"]["order"] == "high-first" else score


def count_doors(b):
    """Who is counted at each door; keys too."""
    ranks(b)
    for x in b.choices:
        x.key = (x.tier, turned(b.rules, x.score), x.rank)
    b.inside = [[] for _ in b.doors]
    opened = len(b.rules["reserves"]) + 1
    for a in b.applicants:
        if a.got:
            first = a.got.place * len(b.slots)
            b.inside[first + a.slot].append(a.got)
            if a.slot == opened:
                for i in range(len(b.rules["ceilings"])):
                    if a.got.ceilings >> i & 1:
                        b.inside[first + opened + 1 + i].append(a.got)
    b.worst = [max(inside, key=lambda x: x.key, default=None) for inside in b.inside]


def check_doors(b):
    count_doors(b)
    for d, inside in zip(b.doors, b.inside):
        same(door_name(d), len(inside), d.placed)


def check_cut_offs(b):
    for d, worst in zip(b.doors, b.worst):
        expected = (None,) * 4
        if worst and d.placed == d.seats:
            expected = (worst.ticket, worst.tier, worst.score, worst.rank)
        need((d.last_ticket, d.last_tier, d.last_score, d.last_rank) == expected, door_name(d),
             "- the last admitted is another one")


def admits(b, slot, key):
    d, worst = b.doors[slot], b.worst[slot]
    return d.placed < d.seats or worst is not None and key < worst.key


def check_door_order(b):
    reserves = len(b.rules["reserves"])
    for a in b.applicants:
        x = a.got
        if x and a.slot > 0:
            earlier = (i for i in range(min(a.slot - 1, reserves)) if x.reserves >> i & 1)
            need(not any(admits(b, x.place * len(b.slots) + 1 + i, x.key) for i in earlier), a.ticket,
                 "should have come through an earlier door")


def would_choose(b, x, admits_slot):
    """`admits_slot(door, key)` by the door's index in the table."""
    if x.kept:
        return True
    first, reserves = x.place * len(b.slots), len(b.rules["reserves"])
    if any(x.reserves >> i & 1 and admits_slot(first + 1 + i, x.key) for i in range(reserves)):
        return True
    for i in range(len(b.rules["ceilings"])):
        slot = first + reserves + 2 + i
        if x.ceilings >> i & 1 and b.doors[slot].placed == b.doors[slot].seats:
            return admits_slot(slot, x.key)
    return admits_slot(first + reserves + 1, x.key)


def better(a):
    return [x for x in a.choices if usable(x) and (a.slot is None or x.position < a.placed_position)]


def check_envy(b):
    for a in b.applicants:
        for x in better(a):
            need(not would_choose(b, x, lambda slot, key: admits(b, slot, key)), name(x),
                 "- this provider would have to choose this person")


def choose(b, place, people):
    """The choice function: the slot of each person taken."""
    doors, reserves, taken = block(b, place), b.rules["reserves"], {}
    people = sorted(people, key=lambda x: x.key)
    for x in people:
        if x.kept:
            taken[x] = 0
    remaining = b.providers[place].capacity - len(taken)
    for i, rule in enumerate(reserves):
        seats = min(doors[1 + i].declared, remaining)
        members = [x for x in people if x not in taken and x.reserves >> i & 1][:seats]
        taken.update((x, 1 + i) for x in members)
        remaining -= len(members) if rule["unused"] == "open" else seats
    under = [0] * len(b.rules["ceilings"])
    for x in people:
        if remaining and x not in taken:
            own = [i for i in range(len(under)) if x.ceilings >> i & 1]
            if all(under[i] < doors[len(reserves) + 2 + i].seats for i in own):
                for i in own:
                    under[i] += 1
                taken[x] = len(reserves) + 1
                remaining -= 1
    return taken


def check_optimal(b):
    """Deferred acceptance again: nobody can do better in a stable outcome."""
    lists = {a: [x for x in a.choices if usable(x)] for a in b.applicants}
    asked = dict.fromkeys(b.applicants, 0)
    held = [{} for _ in b.providers]
    asking = list(b.applicants)
    while asking:
        new = {}
        for a in asking:
            if asked[a] < len(lists[a]):
                x = lists[a][asked[a]]
                new.setdefault(x.place, []).append(x)
                asked[a] += 1
        asking = []
        for place, people in new.items():
            people += held[place]
            held[place] = choose(b, place, people)
            asking += [x.applicant for x in people if x not in held[place]]
    outcome = {x.applicant: (x, slot) for here in held for x, slot in here.items()}
    for a in b.applicants:
        x, slot = outcome.get(a, (None, None))
        need(x is a.got and slot == a.slot, a.ticket, "- the mechanism gives",
             f"{x.provider} {b.slots[slot]}" if x else "nothing", "here")
