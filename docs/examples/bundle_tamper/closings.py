"""Closings: others, in another order, with other people."""

from .work import tampering


def of(w):
    closed = w.certificate["closed"]
    if not closed:
        raise LookupError("nothing is closed")
    return closed


@tampering
def two_closings_in_another_order(w, dice):
    closed = of(w)
    closed[0], closed[-1] = closed[-1], closed[0]


@tampering
def one_more_had_at_a_closing(w, dice):
    dice.choice(of(w))["had"] += 1


@tampering
def enough_had_at_a_closing(w, dice):
    one = dice.choice(of(w))
    one["had"] = one["minimum"]


@tampering
def a_closing_twice(w, dice):
    of(w).append(dict(of(w)[0]))


@tampering
def an_open_provider_listed_as_closed(w, dice):
    closed = of(w)
    other = next(p for p in w.rows["providers"] if p["placed"])
    closed.append({"provider": other["provider"], "minimum": closed[0]["minimum"], "had": 0})


@tampering
def seats_at_a_closed_provider(w, dice):
    name = of(w)[0]["provider"]
    next(p for p in w.rows["providers"] if p["provider"] == name)["capacity"] = 5
    w.republish()
