"""Later rounds: answers, places that move along waiting lists, and the round before."""

from .values import canonical_bytes, leaf_hash, need, same, tree_root
from .folder import ANSWERS
from .market import block, choose, placed_choice, ranks, turned
from .rows import door_name, own_leaf, usable

FIELDS = ("answer", "appeal", "arrived", "extra", "owed", "refused", "since", "standing")


class Standing:
    """Where somebody stands; after the decision what follows from it."""

    def __init__(self, **fields):
        self.__dict__.update(dict.fromkeys(FIELDS) | {"held": None, "extra": False, "refused": []} | fields)


def place_of(a):
    return None if a.slot is None else (a.placed_provider, a.placed_door, a.placed_position)


def standing_of(b, a):
    if b.round:
        return a.standing
    if a.slot is not None:
        return Standing(standing="offered", since=1)
    return Standing(standing="waiting" if a.verdict == "eligible" else "out")


def stays(a):
    return a.slot is not None and place_of(a) == a.standing.held


def plays(s):
    return s.standing not in ("settled", "out")


def in_time(r, number):
    late = r["offers"]["late"]
    if number < 2 or not late["admitted"]:
        return late["closes"]
    return max(late["closes"], r["offers"]["reply_until"][number - 2])


def check_round(b):
    n, o = b.round, b.rules["offers"]
    need(o, "the rules have no offers")
    need(n["number"] <= len(o["reply_until"]), "number - no such round")
    same("until", o["reply_until"][n["number"] - 2], n["until"])
    same("replies.name", o["replies"]["name"], n["replies"]["name"])
    same("lines", [p.provider for p in b.providers], [x["provider"] for x in n["lines"]])


def door_json(b, name):
    return {"reserve": b.slots.index(name) - 1} if name.startswith("reserve:") else name


def check_standings_root(b):
    def leaf(a):
        s = a.standing
        held = s.held and {"door": door_json(b, s.held[1]), "position": s.held[2], "provider": s.held[0]}
        standing = {k: getattr(s, k) for k in FIELDS} | {"held": held}
        return leaf_hash(canonical_bytes({"standing": standing, "ticket": a.ticket}))
    same("standings_root", tree_root([leaf(a) for a in b.applicants]).hex(), b.round["standings_root"])


def choice_at(a, place):
    return place and next((x for x in a.choices if (x.provider, x.position) == (place[0], place[2])), None)


def may(b, a, place, held):
    x = choice_at(a, place)
    slot = b.slots.index(place[1])
    right = held if slot == 0 else slot > len(b.rules["reserves"]) or x and x.reserves >> slot - 1 & 1
    return bool(x and usable(x) and right)


def check_standings(b):
    """Every standing goes with the own row."""
    number, o = b.round["number"], b.rules["offers"]
    for a in b.applicants:
        s, place, says = a.standing, place_of(a), a.ticket
        a.got = choice_at(a, place)
        if s.arrived is not None:
            late = o["late"]
            need(late and late["admitted"] and late["closes"] < s.arrived <= in_time(b.rules, number), says, "cannot be late")
        need(s.held is None or may(b, a, s.held, True), says, "holds what it may not have")
        need(place is None or may(b, a, place, stays(a)), says, "is placed where it may not be")
        need(not s.extra or s.held and s.held[1] == "kept" and s.appeal, says, "has no place above the capacity")
        need(s.held is None or place == s.held or place and place[2] < s.held[2], says, "has lost the place held")
        now = s.since == number
        right = {"offered": place and now and (not stays(a) or s.extra), "kept": stays(a) and not now and o["keep"],
                 "settled": stays(a) and not now, "waiting": not place and a.verdict == "eligible",
                 "out": not place and not s.held and s.owed is None}[s.standing]
        need(right and (s.since is not None) == bool(place) and (s.since is None or 1 <= s.since <= number), says,
             "has a standing that does not go with the place")
        positions = {x.position for x in a.choices}
        has = {p[2] for p in (place, s.held) if p}
        need(set(s.refused) <= positions and not has & set(s.refused), says, "cannot have refused that")
        need(s.owed is None or s.owed in positions and s.appeal, says, "is owed a place without an appeal")


def market_of(b):
    """Who waits for what, with keys of the round; and who has a new place."""
    ranks(b)
    for x in b.choices:
        s = x.applicant.standing
        x.key = (s.owed != x.position, s.arrived is not None, x.tier, turned(b.rules, x.score), x.rank)
    b.waits, shut = {}, {c["provider"] for c in b.certificate["closed"]}
    for a in b.applicants:
        s = a.standing
        end = s.held[2] if s.held else None
        b.waits[a] = [x for x in a.choices if plays(s) and usable(x) and (end is None or x.position < end)
                      and x.position not in s.refused and x.provider not in shut]


def tally(b, i):
    """The places here: those that stay, and the new ones by slot."""
    stay = [a for a in b.at[i] if stays(a)]
    return stay, [[a.got for a in b.at[i] if not stays(a) and a.slot == k] for k in range(len(b.rules["reserves"]) + 2)]


def check_doors(b):
    market_of(b)
    reserves, ceilings = b.rules["reserves"], b.rules["ceilings"]
    opened = len(reserves) + 1
    b.at = [[] for _ in b.providers]
    for a in b.applicants:
        if a.got:
            b.at[a.got.place].append(a)
    for i, p in enumerate(b.providers):
        doors = block(b, i)
        stay, new = tally(b, i)
        extra = sum(a.standing.extra for a in stay)
        held = [a for a in stay if not a.standing.extra]
        left = p.capacity + extra - len(stay)
        expected = [("kept", len(stay), len(stay), len(stay), [])]
        for k, rule in enumerate(reserves, 1):
            seats = min(max(doors[k].declared - sum(a.slot == k for a in held), 0), left)
            expected.append((b.slots[k], doors[k].declared, seats, len(new[k]), new[k]))
            left -= len(new[k]) if rule["unused"] == "open" else seats
        expected.append(("open", p.capacity, left, len(new[opened]), new[opened]))
        for k in range(len(ceilings)):
            d = doors[opened + 1 + k]
            seats = max(d.declared - sum(a.slot == opened and a.got.ceilings >> k & 1 for a in held), 0)
            under = [x for x in new[opened] if x.ceilings >> k & 1]
            expected.append((b.slots[opened + 1 + k], d.declared, seats, len(under), under))
        same(p.provider, len(b.at[i]), p.placed)
        for d, (door, declared, seats, placed, inside) in zip(doors, expected):
            worst = max(inside, key=lambda x: x.key) if inside and placed == seats else None
            last = (worst.ticket, worst.tier, worst.score, worst.rank) if worst else (None,) * 4
            same(door_name(d), (door, declared, seats, placed, *last),
                 (d.door, d.declared, d.seats, d.placed, d.last_ticket, d.last_tier, d.last_score, d.last_rank))
            need(placed <= seats, door_name(d), "- more are placed than there are seats")


def check_waiting(b):
    n = b.round
    own = {p.provider: i for i, p in enumerate(b.providers)}
    held = [0] * len(own)
    waiting = [[] for _ in own]
    for a in b.applicants:
        s = a.standing
        if s.held and not s.extra:
            held[own[s.held[0]]] += 1
        for x in b.waits[a]:
            if a.slot is None or x.position < a.placed_position:
                waiting[x.place].append(x)
    for i, (p, line) in enumerate(zip(b.providers, n["lines"])):
        first = min(waiting[i], key=lambda x: x.key, default=None)
        seated = sum(not (stays(a) and a.standing.extra) for a in b.at[i])
        following = first and {"owed": not first.key[0], "late": first.key[1], "tier": first.tier, "score": first.score,
                               "rank": first.rank}
        same(p.provider, {"provider": p.provider, "vacant": max(p.capacity - held[i], 0),
                          "offered": sum(a.standing.since == n["number"] for a in b.at[i]),
                          "free": max(p.capacity - seated, 0), "waiting": len(waiting[i]), "next": following}, line)
    people = b.applicants
    same("answers", {k: sum(a.standing.answer == k for a in people) for k in ANSWERS}, n["answers"])
    same("replies.rows", sum(n["answers"][k] for k in ANSWERS[:4]), n["replies"]["rows"])
    same("vacant", sum(x["vacant"] for x in n["lines"]), n["vacant"])
    same("offered", sum(a.standing.since == n["number"] for a in people), n["offered"])
    same("moved", sum(a.standing.since == n["number"] and bool(a.standing.held) and not stays(a) for a in people), n["moved"])
    same("waiting", len({x.applicant for here in waiting for x in here}), n["waiting"])


def take(b, i, people):
    """The choice of a round: places held first, each in a seat of its door."""
    held = {x: x.applicant.slot_held for x in people if x.keeps}
    left = Left(b, i, held)
    return held | left.choose([x for x in people if not x.keeps])


class Left:
    """A provider's seats less the places held, for the choice function."""

    def __init__(self, b, i, held):
        self.b, self.i = b, i
        opened = len(b.rules["reserves"]) + 1
        self.less, self.under = [0] * (opened + 1), [0] * len(b.rules["ceilings"])
        self.seats = 0
        for x, slot in held.items():
            if x.applicant.standing.extra:
                continue
            self.seats += 1
            self.less[slot] += 1
            for k in range(len(self.under)):
                if slot == opened and x.ceilings >> k & 1:
                    self.under[k] += 1

    def choose(self, people):
        b, reserves = self.b, self.b.rules["reserves"]
        doors, opened, taken = block(b, self.i), len(reserves) + 1, {}
        people = sorted(people, key=lambda x: x.key)
        left = max(b.providers[self.i].capacity - self.seats, 0)
        for k, rule in enumerate(reserves, 1):
            seats = min(max(doors[k].declared - self.less[k], 0), left)
            members = [x for x in people if x not in taken and x.reserves >> k - 1 & 1][:seats]
            taken.update((x, k) for x in members)
            left -= len(members) if rule["unused"] == "open" else seats
        under = list(self.under)
        for x in people:
            own = [k for k in range(len(under)) if x.ceilings >> k & 1 and not x.reserves]
            if left and x not in taken and all(under[k] < doors[opened + 1 + k].declared for k in own):
                for k in own:
                    under[k] += 1
                taken[x] = opened
                left -= 1
        return taken


def check_decision(b):
    """The round again: everybody asks down the own list as far as the place held."""
    lists = {}
    for x in b.choices:
        x.keeps = False
    for a in b.applicants:
        s, lists[a] = a.standing, list(b.waits[a])
        x = choice_at(a, s.held)
        if x:
            x.keeps, a.slot_held = True, b.slots.index(s.held[1])
            lists[a].append(x)
    asked, have = dict.fromkeys(b.applicants, 0), [{} for _ in b.providers]
    asking = list(b.applicants)
    while asking:
        new = {}
        for a in asking:
            if asked[a] < len(lists[a]):
                new.setdefault(lists[a][asked[a]].place, []).append(lists[a][asked[a]])
                asked[a] += 1
        asking = []
        for i, people in new.items():
            people += have[i]
            have[i] = take(b, i, people)
            asking += [x.applicant for x in people if x not in have[i]]
    outcome = {x.applicant: (x, slot) for here in have for x, slot in here.items()}
    for a in b.applicants:
        x, slot = outcome.get(a, (None, None))
        need(x is a.got and slot == a.slot, a.ticket, "- the round gives",
             f"{x.provider} {b.slots[slot]}" if x else "nothing", "here")


def check_roots(b):
    for i, p in enumerate(b.providers):
        doors = block(b, i)
        for d, expected in zip(doors, b.slots):
            last = (d.last_ticket, d.last_tier, d.last_score, d.last_rank)
            given = d.door != "kept" and d.placed == d.seats > 0
            need(d.door == expected and d.placed <= d.seats <= d.declared and last.count(None) == (0 if given else 4)
                 and (d.door != "kept" or d.placed == d.seats), door_name(d), "- cannot be right")
        same(p.provider, sum(d.placed for d in doors[:len(b.rules["reserves"]) + 2]), p.placed)
    for line, p in zip(b.round["lines"], b.providers):
        need(max(line["vacant"], line["free"]) <= p.capacity and line["offered"] <= p.placed
             and (line["waiting"] > 0) == (line["next"] is not None), p.provider, "- cannot be right")
    same("vacant", sum(x["vacant"] for x in b.round["lines"]), b.round["vacant"])


def check_link(b, past):
    need(b.round, "this is the first round")
    same("previous", past.id, b.round["previous"])
    same("number", (past.round or {"number": 1})["number"] + 1, b.round["number"])
    need(b.rules == past.rules, "rules.json is not that of the round before")
    need(b.certificate["closed"] == past.certificate["closed"],
         "other providers are closed than in the round before")
    need(b.certificate["draw"] == past.certificate["draw"], "the draw is not that of the round before")


def entered(s, was):
    return s.appeal is not None and s.appeal != was.appeal


def check_carried(b, past):
    own = {a.ticket: a for a in past.applicants}
    tickets = {a.ticket for a in b.applicants}
    need(own.keys() <= tickets, "somebody is not there any more")
    facts = lambda c: [(p.provider, p.capacity, [v for k, v in vars(p).items() if k.startswith("fact:")]) for p in c.providers]
    need(facts(b) == facts(past), "the providers are not those of the round before")
    declared = lambda c: [(d.door, d.declared) for d in c.doors if d.door != "kept"]
    need(declared(b) == declared(past), "the doors declare other seats than in the round before")
    appeals = 0
    for a in b.applicants:
        a.then = then = own.get(a.ticket)
        s = a.standing
        if then is None:
            late = s.arrived is not None and s.arrived > in_time(b.rules, b.round["number"] - 1)
            need(late and s.appeal is None, a.ticket, "was not in the round before, and did not come in since")
            continue
        was = standing_of(past, then)
        same(a.ticket + " arrived", was.arrived, s.arrived)
        same(a.ticket + " draw_ticket", then.draw_ticket, a.draw_ticket)
        if entered(s, was):
            appeals += 1
            continue
        mine, theirs = own_leaf(b, a), own_leaf(past, then)
        for row in (mine[0], theirs[0]):
            row.pop("placement")
        need(mine == theirs, a.ticket, "has another row or list than in the round before, without an appeal")
    same("arrived", sum(a.then is None for a in b.applicants), b.round["arrived"])
    same("appeals", appeals, b.round["appeals"])


def after(o, was, place, answer, says):
    """What an answer leaves."""
    s = Standing(**{k: getattr(was, k) for k in FIELDS} | {
        "answer": answer, "held": place, "refused": list(was.refused), "extra": was.extra and was.held == place})
    may_answer = {"accept": ("offered", "kept", "settled"), "keep": ("offered", "kept"), "decline": ("offered", "kept"),
                  "silent": ("offered",), "withdraw": ("offered", "kept", "settled", "waiting"),
                  None: ("kept", "settled", "waiting", "out")}[answer]
    need(was.standing in may_answer and (answer != "keep" or o["keep"]), says, "could not answer that")
    stands = {"accept": "settled", "keep": "kept", "decline": "waiting", "withdraw": "out", None: was.standing,
              "silent": "out" if o["silence"] == "lapse" else "kept" if o["keep"] else "settled"}[answer]
    s.standing = stands
    if answer == "decline":
        s.refused = sorted(s.refused + [place[2]])
    if answer in ("decline", "withdraw") or answer == "silent" and stands == "out":
        s.held, s.since, s.extra = None, None, False
    if stands == "out":
        s.owed = None
    return s


def owed_by(past, then, a, was):
    """The first place that the corrected row would have been chosen for."""
    still = next((x for x in a.choices if x.position == then.placed_position and usable(x)), None)
    for x in a.choices:
        if still and x.position >= still.position or not usable(x) or x.position in was.refused:
            continue
        old = next((y for y in then.choices if y.position == x.position), None)
        if not old:
            continue
        own = Entry(x, old, then, past)
        here = [c.got for c in past.at[x.place] if c is not then and not (past.round and stays(c))]
        held = {c.got: c.slot for c in past.at[x.place] if past.round and stays(c)}
        people = [own, *here]
        taken = Left(past, x.place, held).choose(people) if past.round else choose(past, x.place, people)
        if own in taken:
            return x
    return None


class Entry:
    """A corrected entry in the round before: its own facts, the rank that it had."""

    def __init__(self, x, old, then, past):
        s = standing_of(past, then)
        self.applicant, self.kept, self.reserves, self.ceilings = then, x.kept, x.reserves, x.ceilings
        key = (x.tier, turned(past.rules, x.score), old.rank)
        self.key = (s.owed != x.position, s.arrived is not None, *key) if past.round else key


def prepare(past):
    """Keys and places of the round before."""
    if past.round:
        for a in past.applicants:
            a.got = choice_at(a, place_of(a))
        market_of(past)
    else:
        ranks(past)
        for x in past.choices:
            x.key = (x.tier, turned(past.rules, x.score), x.rank)
    past.at = [[] for _ in past.providers]
    for a in past.applicants:
        a.got = placed_choice(a) if a.slot is not None else None
        if a.got:
            past.at[a.got.place].append(a)


def enter(b, past, a, was, s):
    """Enters an appeal into what an answer left."""
    s.appeal = a.standing.appeal
    x = choice_at(a, s.held)
    if s.held and not (x and usable(x)):
        s.held, s.since, s.extra, s.standing = None, None, False, "waiting"
    elif s.held and s.held[1].startswith("reserve:") and not x.reserves >> b.slots.index(s.held[1]) - 1 & 1:
        s.held = (s.held[0], "kept", s.held[2])
    if a.verdict != "eligible":
        s.standing, s.owed = "out", None
        return
    if a.then.verdict != "eligible":
        s.standing = "waiting"
    x = owed_by(past, a.then, a, was) if s.standing in ("waiting", "kept") else None
    if x is None or x.position in s.refused:
        return
    if b.rules["offers"]["owed"] == "first":
        s.owed = x.position
    else:
        s.held, s.since, s.extra = (x.provider, "kept", x.position), b.round["number"], True
        s.standing = "offered"


def check_follows(b, past):
    prepare(past)
    for a in b.applicants:
        s = a.standing
        if a.then is None:
            left = Standing(arrived=s.arrived, standing="waiting" if a.verdict == "eligible" else "out")
        else:
            was = standing_of(past, a.then)
            left = after(b.rules["offers"], was, place_of(a.then), s.answer, a.ticket)
            if entered(s, was):
                enter(b, past, a, was, left)
        new = a.slot is not None and not stays(a)
        need(not new or left.standing not in ("settled", "out"), a.ticket, "is given a place and waits for none")
        if new:
            left.standing, left.since = "offered", b.round["number"]
        for k in ("held", *FIELDS):
            same(f"{a.ticket} {k}", getattr(left, k), getattr(s, k))


def check_nobody_loses(b, past):
    for a in b.applicants:
        s, place = a.standing, a.then and place_of(a.then)
        gave = s.answer in ("decline", "withdraw") or s.answer == "silent" and b.rules["offers"]["silence"] == "lapse"
        if place and not gave and not entered(s, standing_of(past, a.then)):
            need(a.slot is not None and a.placed_position <= place[2], a.ticket, "has lost the place, or has a worse one")

