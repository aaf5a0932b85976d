"""The folder: its files, its description, its tables."""

import hashlib
import os
import re
import stat

from .values import (
    CERTIFICATE, CLOSED, COUNT, FORMAT, MINIMUM, Offender, ROUND, RULES, TEXT,
    VERDICTS, canonical_bytes, day_, files_of, fits, is_hex, maybe, need, parse_json,
    same, text_, word,
)


ANSWERS = ("accept", "keep", "decline", "withdraw", "silent")
STANDINGS = ("offered", "kept", "settled", "waiting", "out")


class Bundle:
    pass


def notice_of(rules):
    return rules["notice"] if rules["notice"]["zh"] or rules["notice"]["en"] else None


def both(text):
    return text["en"] if text["zh"] == text["en"] else text["zh"] + " / " + text["en"]


def columns_of(rules, name):
    """(name, type, may be null, label) of each column of a table."""

    def c(name, kind, null, zh, en):
        return name, kind, null, {"zh": zh, "en": en}

    ticket = c("ticket", "text", False, "申请编号", "application number")
    provider = c("provider", "text", False, "供给方", "provider")
    masks = [c("holds", "u32", False, "成立的条件(位掩码)", "clauses that hold, as a mask"),
             c("unknown", "u32", False, "未知的条件(位掩码)", "clauses that are unknown, as a mask")]
    if name == "applicants.parquet":
        label = {x["name"]: x["label"] for x in rules["applicants"]["columns"]}
        return [
            ticket, c("draw_ticket", "text", False, "摇号用号", "number that stands in the draw"), *masks,
            c("verdict", "text", False, "资格结论", "verdict: eligible, not-eligible or undetermined"),
            c("placed_provider", "text", True, "安排到的供给方", "provider of the place"),
            c("placed_door", "text", True, "入口", "door of the place: kept, reserve:ID or open"),
            c("placed_position", "u32", True, "第几志愿", "position of the place on the own list"),
            c("facts_hash", "text", False, "事实散列", "hash over secret and facts; empty without a secret"),
        ] + [("group:" + g, "text", True, label.get(g, {"zh": g, "en": g})) for g in groups_of(rules)]
    if name == "choices.parquet":
        return [
            ticket, c("position", "u32", False, "第几志愿", "position on the list, 1 is the most wanted"), provider,
            *masks, c("verdict", "text", False, "该志愿的结论", "verdict of the choice alone"),
            c("tier_holds", "u32", False, "成立的优先级(位掩码)", "tiers whose condition holds, as a mask"),
            c("tier_unknown", "u32", False, "未知的优先级(位掩码)", "tiers whose condition is unknown, as a mask"),
            c("tier", "u8", False, "优先级,0 为保留原位", "tier, 0 for a kept seat"),
            c("score", "i64", False, "分数", "score"),
            c("reserves", "u16", False, "所属保留名额(位掩码)", "memberships of reserves, as a mask"),
            c("ceilings", "u16", False, "所属上限(位掩码)", "memberships of ceilings, as a mask"),
            c("kept", "bool", False, "保留原位", "a seat is kept here"),
        ]
    if name == "standings.parquet":
        return [
            ticket,
            c("answer", "text", True, "对上一轮的答复",
              "answer to the round before: accept, keep, decline, withdraw or silent"),
            c("standing", "text", False, "本轮后的状态",
              "standing after this round: offered, kept, settled, waiting or out"),
            c("held_provider", "text", True, "答复后、递补前所占的供给方", "provider of the place held once the answers were in"),
            c("held_door", "text", True, "其入口", "its door"),
            c("held_position", "u32", True, "其志愿序号", "its position on the own list"),
            c("since", "u32", True, "现有名额是第几轮给的", "round in which the present place was offered"),
            c("extra", "bool", False, "所占名额为名额之外另加", "the place held is one more than the capacity"),
            c("arrived", "text", True, "逾期申请的到达日期", "day of arrival, of late applications"),
            c("refused", "text", True, "已谢绝的志愿序号", "positions of the own list that were refused"),
            c("owed", "u32", True, "在此志愿处先于所有候补者",
              "position at whose provider this person comes before all who wait"),
            c("appeal", "text", True, "最近纳入的复核记录散列", "hash of the last appeal that was entered"),
        ]
    if name == "providers.parquet":
        return [provider, c("capacity", "u32", False, "名额", "seats"), c("placed", "u32", False, "已安排", "placed")] + [
            ("fact:" + x["name"], "text", True, x["label"]) for x in rules["providers"]["columns"]
            if x["publish"] and x["name"] not in rules["providers"]["key"]]
    return [
        provider, c("door", "text", False, "入口", "door: kept, reserve:ID, open or ceiling:ID"),
        c("declared", "u32", False, "规则给出的名额", "seats that the rules give"),
        c("seats", "u32", False, "实有名额", "seats left by the doors before"), c("placed", "u32", False, "已安排", "placed"),
        c("last_ticket", "text", True, "末位的申请编号", "application number of the last admitted, where full"),
        c("last_tier", "u8", True, "末位的优先级", "tier of the last admitted"),
        c("last_score", "i64", True, "末位的分数", "score of the last admitted"),
        c("last_rank", "u32", True, "末位的摇号名次", "rank in the draw of the last admitted"),
    ]


def groups_of(rules):
    return list(dict.fromkeys(i["by"] for i in rules["indicators"] if i["by"] is not None))


TITLES = {
    "applicants.parquet": ("申请人", "applicants"), "choices.parquet": ("志愿", "choices"),
    "providers.parquet": ("供给方", "providers"), "doors.parquet": ("入口与末位", "doors and cut-offs"),
    "programme.toml": ("项目文件", "programme file"), "rules.json": ("本周期的规则", "rules of the cycle"),
    "certificate.json": ("证明", "certificate"),
    "round.json": ("本轮", "round"), "standings.parquet": ("各人状态", "standings"),
}
KEYS = {"applicants.parquet": ["ticket"], "choices.parquet": ["ticket", "position"],
        "providers.parquet": ["provider"], "doors.parquet": ["provider", "door"],
        "standings.parquet": ["ticket"]}
MEDIA = {"parquet": "application/vnd.apache.parquet", "toml": "application/toml", "json": "application/json"}


def name_of(rules, round_):
    """The bundle's name without its identity."""
    return f"{rules['programme']}-{rules['cycle']}" + (f"-r{round_['number']}" if round_ else "")


def datapackage_of(rules, files, round_=None):
    notice = notice_of(rules)

    def described(text):
        return both(notice) + "\n\n" + both(text) if notice else both(text)

    resources = []
    for f in files:
        path = f["path"]
        if path == "datapackage.json":
            continue
        stem, ending = path.rsplit(".", 1)
        title = dict(zip(("zh", "en"), TITLES[path]))
        r = {"profile": "data-resource", "name": stem, "path": path, "title": both(title),
             "description": described(title), "format": ending, "mediatype": MEDIA[ending],
             "hash": "sha256:" + f["sha256"]}
        if not path.endswith(".parquet"):
            r["bytes"] = f["bytes"]
        if ending == "parquet":
            r["profile"] = "tabular-data-resource"
            kinds = {"text": "string", "bool": "boolean"}
            fields = [{"name": n, "type": kinds.get(k, "integer"), "description": both(label),
                       "constraints": {"required": not null}} for n, k, null, label in columns_of(rules, path)]
            r["schema"] = {"fields": fields, "missingValues": ["", "nan"], "primaryKey": KEYS[path]}
        else:
            r["encoding"] = "utf-8"
        resources.append(r)
    return {"profile": "data-package", "name": name_of(rules, round_).lower(),
            "title": both(rules["title"]), "description": described(rules["body"]),
            "version": str(rules["version"]), "resources": resources}


PARQUET = {"text": ("BYTE_ARRAY", "String"), "u8": ("INT32", "Int(bitWidth=8, isSigned=false)"),
           "u16": ("INT32", "Int(bitWidth=16, isSigned=false)"), "u32": ("INT32", "Int(bitWidth=32, isSigned=false)"),
           "i64": ("INT64", "None"), "bool": ("BOOLEAN", "None")}


def read_table(b, name, rows):
    """The rows as tuples, after checking that the columns are the declared ones."""
    import pyarrow as pa
    import pyarrow.parquet as pq
    try:
        file = pq.ParquetFile(os.path.join(b.path, name))
        expected = columns_of(b.rules, name)
        same(name + " columns", [c[0] for c in expected], list(file.schema.names))
        for i, (column, kind, null, _) in enumerate(expected):
            found, field = file.schema.column(i), file.schema_arrow.field(i)
            shape = (found.path, found.physical_type, str(found.logical_type), found.max_definition_level,
                     found.max_repetition_level, field.metadata)
            same(f"{name} {column}", (column, *PARQUET[kind], int(null), 0, None), shape)
        notice = notice_of(b.rules)
        same(name + " metadata", {b"notice": canonical_bytes(notice)} if notice else {}, file.metadata.metadata or {})
        for g in range(file.num_row_groups):
            for i in range(len(expected)):
                codec = file.metadata.row_group(g).column(i).compression
                need(codec in ("ZSTD", "UNCOMPRESSED"), name, "is compressed with", codec)
        need(rows in (None, file.metadata.num_rows), name, "- expected", rows, "rows, found", file.metadata.num_rows)
        table = file.read()
        return list(zip(*(c.to_pylist() for c in table.columns))) if table.num_rows else []
    except (pa.ArrowException, OSError, UnicodeDecodeError) as e:
        raise Offender(f"{name} - not readable: {e}") from None


def read_folder(path):
    b = Bundle()
    b.path = os.path.realpath(path)
    try:
        entries = {e.name: e.stat(follow_symlinks=False).st_mode for e in os.scandir(b.path)}
        with open(os.path.join(b.path, "manifest.json"), "rb") as f:
            manifest = f.read()
        b.id = hashlib.sha256(manifest).hexdigest()
        listed = parse_json("manifest.json", manifest)
        entry = {"bytes": COUNT, "path": text_, "sha256": is_hex}
        need(isinstance(listed, dict), "manifest.json - no object")
        shape = {"files": [entry], "format": word(FORMAT)} | ({"notice": TEXT} if "notice" in listed else {})
        need(fits(shape, listed), "manifest.json - not as the format wants")
        b.files = listed["files"]
        found = [f["path"] for f in b.files]
        later = "round.json" in found
        need(found in (files_of("rows", later), files_of("roots", later)), "manifest.json lists", *found)
        for name, mode in entries.items():
            need(stat.S_ISREG(mode) and name in found + ["manifest.json"], name, "does not belong in a bundle")
        data = {}
        for f in b.files:
            need(f["path"] in entries, f["path"], "is missing")
            with open(os.path.join(b.path, f["path"]), "rb") as file:
                content = file.read()
            need(len(content) == f["bytes"], f["path"], "- its length", len(content), "is not the manifest's")
            need(hashlib.sha256(content).hexdigest() == f["sha256"], f["path"], "- its SHA-256 is not the manifest's")
            data[f["path"]] = content
    except OSError as e:
        raise Offender(str(e)) from None
    b.programme = data["programme.toml"]
    b.rules = r = parse_json("rules.json", data["rules.json"])
    if isinstance(r, dict):
        need("mechanism" not in r, "this programme is of another kind than `match`, which is not checked here")
        # Left out where the rules name none.
        least = r.pop("minimum", None)
        need(fits(maybe(MINIMUM), least), "rules.json minimum - not as the format wants")
        for key, shape in RULES.items():
            need(key in r and fits(shape, r[key]), "rules.json", key, "- not as the format wants")
    need(fits(RULES, r), "rules.json - not as the format wants")
    r["minimum"] = least
    b.round = parse_json("round.json", data["round.json"]) if later else None
    need(not later or fits(ROUND, b.round), "round.json - not as the format wants")
    same("the folder's name", f"{name_of(r, b.round)}-{b.id[:16]}", os.path.basename(b.path))
    same("manifest.json notice", notice_of(r), listed.get("notice"))
    same("manifest.json files", files_of(r["publish"], later), found)
    need(canonical_bytes(datapackage_of(r, b.files, b.round)) == data["datapackage.json"],
         "datapackage.json does not agree with the rules and the manifest")
    b.certificate = c = parse_json("certificate.json", data["certificate.json"])
    need(isinstance(c, dict), "certificate.json - no object")
    same("certificate.json notice", notice_of(r), c.pop("notice", None))
    need(c.get("closed") != [], "certificate.json - closed is left out where it is empty")
    closed = c.pop("closed", [])
    need(fits(CLOSED, closed), "certificate.json closed - not as the format wants")
    need(fits(CERTIFICATE, c), "certificate.json - not as the format wants")
    c["closed"] = closed
    read_tables(b)
    return b


class Row:
    """A row with its columns as attributes."""

    def __init__(self, names, values):
        self.__dict__.update(zip(names, values))


def read_tables(b):
    r, c = b.rules, b.certificate

    def rows(name, count):
        columns = [x[0] for x in columns_of(r, name)]
        return [Row(columns, v) for v in read_table(b, name, count)]

    b.providers = rows("providers.parquet", c["providers"])
    before = ""
    for p in b.providers:
        need(before.encode() < p.provider.encode(), p.provider, "is out of order among the providers")
        before = p.provider
    b.index = {p.provider: i for i, p in enumerate(b.providers)}
    b.slots = ["kept", *("reserve:" + x["id"] for x in r["reserves"]), "open",
               *("ceiling:" + x["id"] for x in r["ceilings"])]
    b.doors = rows("doors.parquet", len(b.slots) * len(b.providers))
    for i, d in enumerate(b.doors):
        same("doors.parquet provider", b.providers[i // len(b.slots)].provider, d.provider)
    b.applicants = b.choices = None
    if r["publish"] == "roots":
        return
    reserves = len(r["reserves"])
    b.applicants, before = rows("applicants.parquet", c["applicants"]), ""
    for a in b.applicants:
        need(before.encode() < a.ticket.encode(), a.ticket, "is out of order among the applicants")
        before = a.ticket
        need(a.verdict in VERDICTS, a.ticket, "has no verdict")
        place = (a.placed_provider, a.placed_door, a.placed_position)
        need(place.count(None) in (0, 3), a.ticket, "has half a placement")
        need(a.placed_door is None or a.placed_door in b.slots[:reserves + 2], a.ticket, "came through no door")
        a.groups = [getattr(a, "group:" + g) for g in groups_of(r)]
        a.choices, a.slot = [], None if a.placed_door is None else b.slots.index(a.placed_door)
    b.choices, at = rows("choices.parquet", c["choices"]), 0
    for row, x in enumerate(b.choices):
        while at < len(b.applicants) and b.applicants[at].ticket.encode() < x.ticket.encode():
            at += 1
        need(at < len(b.applicants) and b.applicants[at].ticket == x.ticket,
             "choices.parquet row", row + 1, "- its ticket is unknown or out of order")
        own = b.applicants[at].choices
        need(x.position > (own[-1].position if own else 0), x.ticket, "- positions do not ascend")
        need(x.provider in b.index, x.ticket, "- no provider", x.provider)
        need(x.verdict in VERDICTS, x.ticket, "- no verdict", x.verdict)
        x.applicant, x.place = b.applicants[at], b.index[x.provider]
        own.append(x)
    if b.round:
        read_standings(b, rows("standings.parquet", c["applicants"]))


def read_standings(b, rows):
    """Gives every applicant the own standing."""
    opened = b.slots[:len(b.rules["reserves"]) + 2]
    for a, s in zip(b.applicants, rows):
        same("standings.parquet ticket", a.ticket, s.ticket)
        need(s.answer in (None, *ANSWERS) and s.standing in STANDINGS, a.ticket, "has no right answer or standing")
        held = (s.held_provider, s.held_door, s.held_position)
        need(held.count(None) in (0, 3) and s.held_door in (None, *opened), a.ticket, "holds half a place")
        s.held = None if s.held_door is None else held
        words = [] if s.refused is None else s.refused.split(",")
        need(all(re.fullmatch("[1-9][0-9]*|0", w) for w in words), a.ticket, "has refused no positions")
        s.refused = [int(w) for w in words]
        need((words or s.refused is not None) and sorted(set(s.refused)) == s.refused, a.ticket, "- refused is out of order")
        need(s.arrived is None or day_(s.arrived), a.ticket, "arrived on no day")
        need(s.appeal is None or is_hex(s.appeal), a.ticket, "has an appeal without a hash")
        a.standing = s
