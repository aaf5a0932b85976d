"""Providers that do not open for want of people."""

from .market import choose
from .rows import usable
from .values import need, same


def check_closed(b):
    """Who is closed has no seats and nobody, and lacked people."""
    named = {p.provider: p for p in b.providers}
    closed = b.certificate["closed"]
    need(not closed or b.rules["minimum"], "closed", "although the rules name no minimum")
    need(len({c["provider"] for c in closed}) == len(closed), "closed", "- a provider is closed twice")
    for c in closed:
        need(c["provider"] in named, c["provider"], "is closed and is no provider")
        need(c["had"] < c["minimum"], c["provider"], "had people enough and should not be closed")
        p = named[c["provider"]]
        need(p.capacity == 0 and p.placed == 0, c["provider"], "is closed and has seats or people")


class Again:
    """The market as people ask along their lists, with the seats that closed providers had."""

    def __init__(self, b, seats):
        self.b, self.seats = b, dict(seats)
        self.lists = {a: [x for x in a.choices if usable(x)] for a in b.applicants}
        self.asked = dict.fromkeys(b.applicants, 0)
        self.held = [{} for _ in b.providers]
        self.go_on(list(b.applicants))

    def choose(self, place, people):
        p = self.b.providers[place]
        published, p.capacity = p.capacity, self.seats.get(place, p.capacity)
        self.held[place] = choose(self.b, place, people)
        p.capacity = published
        return [x.applicant for x in people if x not in self.held[place]]

    def go_on(self, asking):
        while asking:
            new = {}
            for a in asking:
                if self.asked[a] < len(self.lists[a]):
                    x = self.lists[a][self.asked[a]]
                    new.setdefault(x.place, []).append(x)
                    self.asked[a] += 1
            asking = [a for place, people in new.items() for a in self.choose(place, people + list(self.held[place]))]

    def close(self, place):
        self.seats[place] = 0
        self.go_on(self.choose(place, list(self.held[place])))


def check_closings(b):
    """The closings in their order. The seats that a closed provider would have had are not published, and
    reading the rule needs SQL. Who is closed never had as many people as it needs, so that any number of seats
    from there on gives the same; where it shows that there were fewer, all were taken."""
    place = {p.provider: i for i, p in enumerate(b.providers)}
    closed = b.certificate["closed"]
    seats = {place[c["provider"]]: c["minimum"] for c in closed}
    while True:
        tight = replay(b, closed, place, seats)
        if tight is None:
            return
        seats[tight[0]] = tight[1]


def replay(b, closed, place, seats):
    again = Again(b, seats)
    for n, c in enumerate(closed):
        own = place[c["provider"]]
        had = len(again.held[own])
        if had > c["had"] and seats[own] > c["had"]:
            return own, c["had"]
        same(c["provider"] + " had", had, c["had"])
        # Of those that are still to be closed none lacks more, nor as much and stands later.
        for d in closed[n + 1:]:
            other = place[d["provider"]]
            there = len(again.held[other])
            if had == 0:
                need(there == 0 and other > own, d["provider"], "closes before", c["provider"])
            elif there:
                need((d["minimum"] - there, other) < (c["minimum"] - had, own), d["provider"], "closes before",
                     c["provider"])
        if had:
            again.close(own)
    return None
