"""What the certificate and every row say of themselves, and the draw."""

from .values import (
    APPLICANT, CHOICE, FORMAT, LIMIT, VERDICTS, canonical_bytes, is_hex,
    leaf_hash, mac, need, same, tree_root,
)


def name(x):
    return f"{x.ticket} #{x.position}"


def door_name(d):
    return f"{d.provider} {d.door}"


def check_identity(b):
    c, r = b.certificate, b.rules
    same("format", FORMAT, c["format"])
    same("mechanism", "deferred-acceptance", c["mechanism"])
    for key in ("programme", "version", "cycle", "as_of"):
        same(key, r[key], c[key])
    same("registers", [r[t]["name"] for t in ("applicants", "providers", "choices")],
         [s["name"] for s in c["registers"]])
    for s in c["registers"]:
        need(is_hex(s["sha256"]), s["name"], "- its hash is not one")


def check_counts(b):
    c = b.certificate
    seals = [s["rows"] for s in c["registers"]]
    same("providers", len(b.providers), c["providers"])
    same("placed", sum(p.placed for p in b.providers), c["placed"])
    same("applicants", c["eligible"] + c["not_eligible"] + c["undetermined"], c["applicants"])
    same("registers[0].rows", c["applicants"], seals[0])
    same("registers[1].rows", c["providers"], seals[1])
    need(c["placed"] <= c["eligible"], "more are placed than are eligible")
    if b.applicants is None:
        return
    same("applicants", len(b.applicants), c["applicants"])
    same("choices", len(b.choices), c["choices"])
    for verdict in VERDICTS:
        same(verdict, sum(a.verdict == verdict for a in b.applicants), c[verdict.replace("-", "_")])
    same("placed", sum(a.slot is not None for a in b.applicants), c["placed"])
    kept = sum(x.kept for x in b.choices)
    need(seals[2] <= c["choices"] <= seals[2] + kept, "registers[2].rows does not fit the number of choices")


def leaf_data(applicant, choices):
    return canonical_bytes({"applicant": applicant, "choices": choices})


def own_leaf(b, a):
    door = a.placed_door
    if door is not None and door.startswith("reserve:"):
        door = {"reserve": a.slot - 1}
    place = None if a.slot is None else {"door": door, "position": a.placed_position, "provider": a.placed_provider}
    mine = {k: getattr(a, k) for k in APPLICANT if k != "placement"} | {"placement": place}
    return mine, [{k: getattr(x, k) for k in CHOICE} for x in a.choices]


def check_root(b):
    root = tree_root([leaf_hash(leaf_data(*own_leaf(b, a))) for a in b.applicants])
    same("rows_root", root.hex(), b.certificate["rows_root"])


def mask_fits(holds, unknown, bits):
    return holds & unknown == 0 and (holds | unknown) >> bits == 0


def check_masks(b):
    r = b.rules
    own = sum(c["scope"] == "applicant" for c in r["clauses"])
    clauses = len(r["clauses"]) - own
    for a in b.applicants:
        need(mask_fits(a.holds, a.unknown, own), a.ticket, "has a wrong mask")
    for x in b.choices:
        need(mask_fits(x.holds, x.unknown, clauses) and mask_fits(x.tier_holds, x.tier_unknown, len(r["tiers"]))
             and x.reserves >> len(r["reserves"]) == 0 and x.ceilings >> len(r["ceilings"]) == 0,
             name(x), "has a wrong mask")
        need(abs(x.score) <= LIMIT and (r["score"] or x.score == 0), name(x), "has a wrong score")
        need(r["current_provider"] is not None or not x.kept, name(x), "keeps a seat")


def level(combine, holds, unknown):
    """0 N, 1 U, 2 Y."""
    (key, part), = combine.items()
    if key == "clause":
        return 2 if holds >> part & 1 else unknown >> part & 1
    levels = (level(p, holds, unknown) for p in part)
    return min(levels, default=2) if key == "all" else max(levels, default=0)


def choice_verdict(r, holds, unknown):
    rule = r["choice_eligibility"]
    return VERDICTS[2 if rule is None else level(rule, holds, unknown)]


def check_verdicts(b):
    for a in b.applicants:
        need(VERDICTS[level(b.rules["eligibility"], a.holds, a.unknown)] == a.verdict, a.ticket, "has a wrong verdict")
    for x in b.choices:
        need(choice_verdict(b.rules, x.holds, x.unknown) == x.verdict, name(x), "has a wrong verdict")


def tier_of(r, kept, holds):
    if kept:
        return 0
    return next((i for i in range(len(r["tiers"])) if holds >> i & 1), len(r["tiers"])) + 1


def check_tiers(b):
    for x in b.choices:
        need(x.tier == tier_of(b.rules, x.kept, x.tier_holds), name(x), "has a wrong tier")


def check_lists(b):
    for a in b.applicants:
        need(len({x.place for x in a.choices}) == len(a.choices), a.ticket, "lists a provider twice")
        need(sum(x.kept for x in a.choices) <= 1, a.ticket, "keeps two seats")


def usable(x):
    return x.applicant.verdict == "eligible" and (x.kept or x.verdict == "eligible")


def check_groups(b):
    for x in b.choices:
        if usable(x) and not x.kept and x.ceilings:
            need(x.ceilings.bit_count() == 1 and not x.reserves, name(x), "belongs to overlapping groups")


def check_draw_tickets(b):
    own = b.rules["tie_break"]["unit"] == "applicant"
    for a in b.applicants:
        need(a.draw_ticket and (not own or a.draw_ticket == a.ticket), a.ticket, "stands in the draw by a wrong number")


def sources_text(r):
    return "".join("".join(f"{v}." for v in (sorted(s["values"]) if s["sorted"] else s["values"])) + "/"
                   for s in r["draw"]["sources"])


def late_day(b, a):
    """The day of arrival of somebody who came late."""
    return a.standing.arrived if b.round else None


def check_draw(b):
    r, seal = b.rules, b.certificate["draw"]
    need(any(s["values"] for s in r["draw"]["sources"]), "no source has spoken")
    same("draw.id", r["draw"]["id"], seal["id"])
    same("draw.canonical", sources_text(r), seal["canonical"])
    if b.applicants is not None:
        pool = sorted({a.draw_ticket.encode() for a in b.applicants if late_day(b, a) is None})
        same("draw.pool_root", tree_root([leaf_hash(t) for t in pool]).hex(), seal["pool_root"])
        same("draw.pool_size", len(pool), seal["pool_size"])
    message = "\n".join(("minsheng draw 1", r["programme"], r["cycle"], r["draw"]["id"], sources_text(r)))
    same("draw.seed", mac(bytes.fromhex(seal["pool_root"]), message.encode()).hex(), seal["seed"])
