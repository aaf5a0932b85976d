"""What one applicant checks with the own receipt."""

import hashlib

from .values import (
    APPLICANT, CHOICE, COUNT, Offender, U32, canonical_bytes, fits,
    included, is_hex, leaf_hash, maybe, need, parse_json, same,
    text_,
)
from .folder import Row, groups_of
from .rows import choice_verdict, door_name, leaf_data, own_leaf, tier_of
from .market import ranks, turned, would_choose


class Own:
    """A receipt against a bundle: every check but that of the own clauses, which needs SQL."""

    def __init__(self, b, receipt):
        self.b, self.r, self.a = b, receipt, receipt["applicant"]

    def belongs(self):
        same("ticket", self.r["ticket"], self.a["ticket"])
        if self.r.get("bundle_id") is not None:
            same("bundle_id", self.b.id, self.r["bundle_id"])
        same("proof.size", self.b.certificate["applicants"], self.r["proof"]["size"])

    def included(self):
        before, b, proof = 0, self.b, self.r["proof"]
        for x in self.r["choices"]:
            need(x["provider"] in b.index and x["position"] > before, x["provider"], "is out of order or unknown")
            before = x["position"]
        leaf = leaf_hash(leaf_data(self.a, self.r["choices"]))
        path = [bytes.fromhex(h) for h in proof["path"]]
        need(included(leaf, proof["index"], proof["size"], path, bytes.fromhex(b.certificate["rows_root"])),
             self.r["ticket"], "is not among the bundle's rows")
        if b.applicants is not None:
            shown = own_leaf(b, b.applicants[proof["index"]])
            need(shown == (self.a, self.r["choices"]), self.r["ticket"], "differs from the published row")

    def order(self):
        for x in self.r["choices"]:
            need(x["tier"] == tier_of(self.b.rules, x["kept"], x["tier_holds"])
                 and x["verdict"] == choice_verdict(self.b.rules, x["holds"], x["unknown"]),
                 self.r["ticket"], x["position"], "has a wrong verdict or tier")

    def better(self):
        limit = self.a["placement"]["position"] if self.a["placement"] else U32 + 1
        return [x for x in self.r["choices"] if x["position"] < limit and self.a["verdict"] == "eligible"
                and (x["kept"] or x["verdict"] == "eligible")]

    def cut_offs(self):
        b = self.b
        if b.applicants is not None:
            ranks(b)
            published = {x.position: x.rank for x in b.applicants[self.r["proof"]["index"]].choices}

        def admits_slot(slot, key):
            d = b.doors[slot]
            if d.placed < d.seats:
                return True
            if d.last_tier is None:
                return False
            last = (d.last_tier, turned(b.rules, d.last_score))
            return key[:2] < last or key[:2] == last and key[2] is not None and key[2] < d.last_rank

        for x in self.better():
            rank = published[x["position"]] if b.applicants is not None else None
            row = Row(x.keys(), x.values())
            row.place, row.key = b.index[x["provider"]], (x["tier"], turned(b.rules, x["score"]), rank)
            need(not would_choose(b, row, admits_slot), x["provider"], "would have to choose this person")

    def facts(self):
        rules, facts, a = self.b.rules, self.r["facts"], self.a
        if rules["secret"] is None:
            same("facts_hash", "", a["facts_hash"])
            return
        columns = {c["name"] for c in rules["applicants"]["columns"]} - {rules["secret"]}
        need(facts.keys() == columns, "the facts are not the register's columns")
        message = b"minsheng facts 1\n" + self.r["secret"].encode() + b"\n" + canonical_bytes(facts)
        same("facts_hash", hashlib.sha256(message).hexdigest(), a["facts_hash"])
        same("ticket", facts[rules["ticket"]], self.r["ticket"])
        unit = rules["tie_break"]["unit"]
        draw = facts[unit["family"]] if unit != "applicant" else None
        same("draw_ticket", self.r["ticket"] if draw is None else draw, a["draw_ticket"])
        same("groups", [facts[g] for g in groups_of(rules)], a["groups"])


    def beyond(self):
        """The own place is on the own list and behind no cut-off; a kept seat is that of the facts."""
        b, rules, place = self.b, self.b.rules, self.a["placement"]
        if rules["secret"] is not None and rules["current_provider"] is not None:
            now = self.r["facts"][rules["current_provider"]]
            kept = [x["provider"] for x in self.r["choices"] if x["kept"]]
            same("kept seats", [] if now is None else [now], kept)
        if place is None:
            return
        x = next((x for x in self.r["choices"] if x["position"] == place["position"]), None)
        need(x and x["provider"] == place["provider"], place["provider"], "is not on the own list there")
        need(self.a["verdict"] == "eligible" and (x["kept"] or x["verdict"] == "eligible"), "the own place is not usable")
        door = place["door"]
        slot = 0 if door == "kept" else len(rules["reserves"]) + 1 if door == "open" else door["reserve"] + 1
        need(slot <= len(rules["reserves"]) + 1, "there is no such reserve")
        need(x["kept"] == (slot == 0) and (not isinstance(door, dict) or x["reserves"] >> slot - 1 & 1),
             "the own door is not open to this person")
        d = b.doors[b.index[x["provider"]] * len(b.slots) + slot]
        need(d.placed > 0, door_name(d), "- nobody came through the own door")
        if d.last_tier is not None:
            need((x["tier"], turned(rules, x["score"])) <= (d.last_tier, turned(rules, d.last_score)), door_name(d),
                 "- the own place is behind the last admitted")


def read_receipt(path):
    try:
        with open(path, "rb") as f:
            receipt = parse_json("receipt", f.read(), strict=False)
    except OSError as e:
        raise Offender(str(e)) from None
    shape = {"ticket": text_, "secret": text_, "facts": lambda v: isinstance(v, dict) and all(map(maybe(text_), v.values())),
             "applicant": APPLICANT, "choices": [CHOICE], "proof": {"index": COUNT, "size": COUNT, "path": [is_hex]}}
    if isinstance(receipt, dict) and "bundle_id" in receipt:
        shape["bundle_id"] = maybe(text_)
    need(fits(shape, receipt), "receipt - not as the format wants")
    return receipt
