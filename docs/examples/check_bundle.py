#!/usr/bin/env python3
"""Checks a minsheng bundle as anybody can, or as one applicant with a receipt.

    check_bundle.py BUNDLE [--receipt FILE | --previous BUNDLE]
    check_bundle.py --examples

Written from docs/certificates.md alone; needs Python 3.11 and pyarrow. Prints
every check with its count and stops at the first offender. Exit codes: 0 all
checks hold; 2 usage; 4 something does not hold.
"""

import hashlib
import sys

from bundle_check.values import (
    FORMAT, Offender, VERDICTS, canonical, canonical_bytes, included, leaf_hash,
    mac, node_hash, sha, tree_root,
)
from bundle_check.rules import check_rules
from bundle_check.folder import read_folder
from bundle_check.rows import (
    check_counts, check_draw, check_draw_tickets, check_groups, check_identity, check_lists, check_masks,
    check_root, check_tiers, check_verdicts, leaf_data, level,
)
from bundle_check.market import (
    better, check_cut_offs, check_door_order, check_doors, check_envy, check_optimal, check_placements,
    check_seats,
)
from bundle_check.closings import check_closed, check_closings
from bundle_check.figures import check_beyond, check_cut_offs_form, check_indicators, check_indicators_form
from bundle_check.receipt import Own, read_receipt
from bundle_check import rounds


def examples():
    """Computes the examples of docs/certificates.md and prints them."""
    print("canonical", canonical({"\u20ac": "Euro", "\r": "CR", "1": [1, -7, None]}))
    file = {"bytes": 5, "path": "a.txt", "sha256": hashlib.sha256(b"hello").hexdigest()}
    print("identity", sha(canonical_bytes({"files": [file], "format": FORMAT})).hex())
    rule = {"all": [{"clause": 0}, {"clause": 1}, {"any": [{"clause": 2}, {"clause": 3}]}]}
    print("verdicts", *(VERDICTS[level(rule, holds, 8)] for holds in (7, 3, 6)))
    leaves = [leaf_hash(t) for t in (b"T-001", b"T-002", b"T-003")]
    root = tree_root(leaves)
    seed = mac(root, b"minsheng draw 1\nexample\n2024\nfirst\n9319./2.5.8.10.12./")
    print("draw", leaves[0].hex(), root.hex(), seed.hex(), sep="\n  ")
    for label in (b"T-001", b"T-002", b"T-003", b"T-001\nA"):
        print(" ", mac(seed, label + b"\x01").hex(), label)
    choice = {"position": 1, "provider": "A", "holds": 1, "unknown": 0, "verdict": "eligible", "tier_holds": 1,
              "tier_unknown": 0, "tier": 1, "score": 500, "reserves": 0, "ceilings": 0, "kept": False}

    def row(n, holds, unknown, verdict, groups, *place):
        place = dict(zip(("door", "position", "provider"), place)) or None
        return {"ticket": f"T-00{n}", "draw_ticket": f"T-00{n}", "facts_hash": "", "holds": holds, "unknown": unknown,
                "verdict": verdict, "groups": groups, "placement": place}

    leaves = [leaf_hash(leaf_data(*x)) for x in (
        (row(1, 3, 0, "eligible", ["110101"], "open", 1, "A"), [choice]),
        (row(2, 1, 0, "eligible", [None], {"reserve": 0}, 2, "B"), []),
        (row(3, 0, 2, "undetermined", ["110102"]), []))]
    root, node = tree_root(leaves), node_hash(*leaves[:2])
    print("leaves", *(x.hex() for x in (*leaves, node, root)), sep="\n  ")
    print("inclusion", included(leaves[0], 0, 3, leaves[1:], root), included(leaves[2], 2, 3, [node], root))
    facts = {"birth": "2022-01-15", "hardship": None, "ticket": "T-001"}
    print("facts", sha(b"minsheng facts 1\ns3cret\n" + canonical_bytes(facts)).hex())
    print("register", sha(b'ticket,birth,hardship,note\nT-001,2022-01-15,,"a ""b"", c"\nT-002,,false,\n').hex())
    return 0


def run(checks):
    for title, count, check in checks:
        try:
            check()
        except Offender as e:
            print(f"{title:14} {count if isinstance(count, int) else count():>9}  FAILS: {' '.join(str(e).split())}")
            return 4
        print(f"{title:14} {count if isinstance(count, int) else count():>9}  holds")
    return 0


def checks_for(b, receipt, past):
    files, doors, figures = len(b.files) + 1, len(b.doors), len(b.certificate["indicators"])
    shut = len(b.certificate["closed"])
    head = [("hashes", files, lambda: None), ("rules", 1, lambda: check_rules(b)),
            ("identity", 1, lambda: check_identity(b))]
    seats = ("seats", doors, lambda: check_seats(b))
    if receipt:
        own = Own(b, receipt)
        if b.round:
            # The cut-offs of a later round are about its waiting lists.
            return head + [("draw", 1, lambda: check_draw(b)), ("receipt", 1, own.belongs),
                           ("inclusion", 1, own.included), ("own-order", len(receipt["choices"]), own.order),
                           ("own-facts", len(receipt["facts"]), own.facts), ("beyond", 1, own.beyond)]
        return head + [seats, ("draw", 1, lambda: check_draw(b)), ("receipt", 1, own.belongs),
                       ("inclusion", 1, own.included), ("own-order", len(receipt["choices"]), own.order),
                       ("own-cut-offs", len(own.better()), own.cut_offs),
                       ("own-facts", len(receipt["facts"]), own.facts), ("beyond", 1, own.beyond)]
    head.append(("counts", 7, lambda: check_counts(b)))
    if shut:
        head.append(("closed", shut, lambda: check_closed(b)))
    if b.round and b.applicants is None:
        link = [("link", 1, lambda: rounds.check_link(b, past))] if past else []
        return head + [("draw", 1, lambda: check_draw(b)), ("round", 1, lambda: rounds.check_round(b)),
                       ("doors", doors, lambda: rounds.check_roots(b)),
                       ("indicators", figures, lambda: check_indicators_form(b))] + link
    if b.applicants is None:
        return head + [("draw", 1, lambda: check_draw(b)), seats, ("cut-offs", doors, lambda: check_cut_offs_form(b)),
                       ("indicators", figures, lambda: check_indicators_form(b)),
                       ("beyond", 1, lambda: check_beyond(b))]
    people, entries = len(b.applicants), len(b.choices)
    rows = [
        ("rows-root", people, lambda: check_root(b)), ("masks", people + entries, lambda: check_masks(b)),
        ("verdicts", people + entries, lambda: check_verdicts(b)), ("tiers", entries, lambda: check_tiers(b)),
        ("lists", people, lambda: check_lists(b)), ("groups", entries, lambda: check_groups(b)),
        ("draw-tickets", people, lambda: check_draw_tickets(b)), ("draw", people, lambda: check_draw(b)),
    ]
    if b.round:
        return head + rows + later(b, past, (people, doors, figures))
    return head + rows + [
        ("placements", people, lambda: check_placements(b)), seats, ("doors", doors, lambda: check_doors(b)),
        ("cut-offs", doors, lambda: check_cut_offs(b)), ("door-order", people, lambda: check_door_order(b)),
        ("no-envy", lambda: sum(len(better(a)) for a in b.applicants), lambda: check_envy(b)),
        ("indicators", figures, lambda: check_indicators(b)), ("beyond", people + entries, lambda: check_beyond(b)),
        ("optimal", people, lambda: check_optimal(b)),
    ] + ([("closings", shut, lambda: check_closings(b))] if shut else [])


def later(b, past, counts):
    """What a later round is checked for, and with the round before."""
    people, doors, figures = counts
    found = [
        ("round", 1, lambda: rounds.check_round(b)), ("standings-root", people, lambda: rounds.check_standings_root(b)),
        ("standings", people, lambda: rounds.check_standings(b)), ("doors", doors, lambda: rounds.check_doors(b)),
        ("waiting-lists", len(b.providers), lambda: rounds.check_waiting(b)),
        ("decision", people, lambda: rounds.check_decision(b)), ("indicators", figures, lambda: check_indicators(b)),
        ("beyond", people + len(b.choices), lambda: check_beyond(b)),
    ]
    if past:
        found += [("link", 1, lambda: rounds.check_link(b, past)),
                  ("carried-over", people, lambda: rounds.check_carried(b, past)),
                  ("follows", people, lambda: rounds.check_follows(b, past)),
                  ("nobody-loses", people, lambda: rounds.check_nobody_loses(b, past))]
    return found


def main(arguments):
    if arguments == ["--examples"]:
        return examples()
    if not arguments or len(arguments) not in (1, 3) or len(arguments) == 3 and arguments[1] not in ("--receipt", "--previous"):
        print(__doc__, file=sys.stderr)
        return 2
    try:
        b = read_folder(arguments[0])
        beside = dict([arguments[1:]]) if len(arguments) == 3 else {}
        receipt = read_receipt(beside["--receipt"]) if "--receipt" in beside else None
        past = read_folder(beside["--previous"]) if "--previous" in beside else None
    except Offender as e:
        print(f"{'form':14} {'':>9}  FAILS: {' '.join(str(e).split())}")
        return 4
    return run(checks_for(b, receipt, past))


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
