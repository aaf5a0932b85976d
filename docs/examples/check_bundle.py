#!/usr/bin/env python3
"""Checks a minsheng bundle as anybody can, or as one applicant with a receipt.

    check_bundle.py BUNDLE [--receipt FILE]
    check_bundle.py --examples

Written from docs/certificates.md alone; needs Python 3.11 and pyarrow. Prints
every check with its count and stops at the first offender. Exit codes: 0 all
checks hold; 2 usage; 4 something does not hold.
"""

import bisect
import datetime
import hashlib
import hmac
import json
import os
import re
import stat
import sys
import tomllib

FORMAT = "minsheng-bundle/1"
LIMIT = 1 << 53
U32 = (1 << 32) - 1
VERDICTS = ("not-eligible", "undetermined", "eligible")  # N < U < Y
ROWS_ONLY = ("applicants.parquet", "choices.parquet")
FILES = (
    "applicants.parquet", "certificate.json", "choices.parquet", "datapackage.json",
    "doors.parquet", "programme.toml", "providers.parquet", "rules.json",
)


class Offender(Exception):
    """What does not hold."""


def need(holds, *words):
    if not holds:
        raise Offender(" ".join(str(w) for w in words))


def same(what, expected, found):
    need(expected == found and type(expected) is type(found), what, "- expected", repr(expected)[:200],
         "found", repr(found)[:200])


# --- bytes: hashes, trees, canonical JSON ---------------------------------------


def sha(data):
    return hashlib.sha256(data).digest()


def mac(key, message):
    return hmac.digest(key, message, "sha256")


def is_hex(text):
    return isinstance(text, str) and re.fullmatch("[0-9a-f]{64}", text) is not None


def leaf_hash(data):
    return sha(b"\x00" + data)


def node_hash(left, right):
    return sha(b"\x01" + left + right)


def tree_root(leaves):
    """The root over leaf hashes, level by level: a last one without a sibling moves up."""
    if not leaves:
        return sha(b"")
    while len(leaves) > 1:
        pairs = [node_hash(leaves[i], leaves[i + 1]) for i in range(0, len(leaves) - 1, 2)]
        leaves = pairs + leaves[len(leaves) - len(leaves) % 2:]
    return leaves[0]


def included(leaf, index, size, path, root):
    if index >= size:
        return False
    f, s, h = index, size - 1, leaf
    for p in path:
        if s == 0:
            return False
        if f & 1 or f == s:
            h = node_hash(p, h)
            while f and not f & 1:
                f, s = f >> 1, s >> 1
        else:
            h = node_hash(h, p)
        f, s = f >> 1, s >> 1
    return s == 0 and h == root


SHORT = {'"': '\\"', "\\": "\\\\", "\b": "\\b", "\t": "\\t", "\n": "\\n", "\f": "\\f", "\r": "\\r"}
ESCAPED = re.compile(r'["\\\x00-\x1f]')


def escape(found):
    c = found.group()
    return SHORT.get(c) or "\\u%04x" % ord(c)


def canonical(value):
    """RFC 8785 without fractions."""
    if value is None:
        return "null"
    if value is True:
        return "true"
    if value is False:
        return "false"
    if isinstance(value, int):
        need(abs(value) <= LIMIT, "the number", value, "is beyond 2^53")
        return str(value)
    if isinstance(value, str):
        return '"' + ESCAPED.sub(escape, value) + '"'
    if isinstance(value, list):
        return "[" + ",".join(map(canonical, value)) + "]"
    need(isinstance(value, dict), "no JSON value:", value)
    keys = sorted(value, key=lambda k: k.encode("utf-16-be", "surrogatepass"))
    return "{" + ",".join(canonical(k) + ":" + canonical(value[k]) for k in keys) + "}"


def canonical_bytes(value):
    try:
        return canonical(value).encode("utf-8")
    except UnicodeEncodeError:
        raise Offender("a text is not Unicode") from None


def not_whole(text):
    raise Offender("the number " + text + " is not whole")


def parse_json(name, data, strict=True):
    try:
        value = json.loads(data.decode("utf-8"), parse_float=not_whole, parse_constant=not_whole)
        again = canonical_bytes(value) if strict else data
    except (ValueError, RecursionError) as e:
        raise Offender(name, "- not JSON:", e) from None
    except Offender as e:
        raise Offender(name, "-", e) from None
    need(again == data, name, "- not canonical JSON")
    return value


# --- the shape of JSON values -----------------------------------------------------


def text_(v):
    return isinstance(v, str)


def bool_(v):
    return isinstance(v, bool)


def upto(high, low=0):
    return lambda v: isinstance(v, int) and not isinstance(v, bool) and low <= v <= high


def day_(v):
    try:
        return isinstance(v, str) and re.fullmatch(r"[0-9]{4}-[0-9]{2}-[0-9]{2}", v) is not None \
            and datetime.date.fromisoformat(v) is not None
    except ValueError:
        return False


def maybe(shape):
    return lambda v: v is None or fits(shape, v)


def word(*words):
    return lambda v: isinstance(v, str) and v in words


def fits(shape, value):
    """A shape is a predicate, a dict with exactly these keys, or a list of one shape."""
    if callable(shape):
        return shape(value)
    if isinstance(shape, list):
        return isinstance(value, list) and all(fits(shape[0], v) for v in value)
    return isinstance(value, dict) and value.keys() == shape.keys() \
        and all(fits(s, value[k]) for k, s in shape.items())


def one_key(**shapes):
    return lambda v: isinstance(v, dict) and len(v) == 1 and all(
        k in shapes and fits(shapes[k], x) for k, x in v.items())


def combine_(v):
    return one_key(clause=upto(31), all=[combine_], any=[combine_])(v)


def type_(v):
    return v in ("text", "integer", "boolean", "date") if isinstance(v, str) \
        else fits({"decimal": {"scale": upto(18)}}, v)


def decimal_(v):
    return isinstance(v, str) and re.fullmatch(r"-?[0-9]+(\.[0-9]+)?", v) is not None


COUNT = upto(LIMIT)
TEXT = {"en": text_, "zh": text_}
VALUE = one_key(text=text_, integer=upto(LIMIT, -LIMIT), decimal=decimal_, boolean=bool_, date=day_)
STATUS = word("verified", "unverified")
COLUMN = {"name": text_, "type": type_, "unit": maybe(text_), "nullable": bool_, "publish": bool_,
          "label": TEXT, "document": maybe(TEXT), "values": [text_]}
TABLE = {"name": text_, "key": [text_], "columns": [COLUMN]}
SCOPE = word("applicant", "provider", "choice")
RULES = {
    "programme": text_, "version": upto(U32), "title": TEXT, "body": TEXT, "objection": TEXT,
    "notice": TEXT, "cycle": text_, "as_of": day_, "objections_until": maybe(day_),
    "law": [{"id": text_, "title": TEXT, "article": text_, "source": text_, "status": STATUS}],
    "applicants": TABLE, "providers": TABLE, "choices": TABLE, "ticket": text_, "secret": maybe(text_),
    "current_provider": maybe(text_), "choice_applicant": text_, "choice_provider": text_,
    "choice_position": text_,
    "parameters": [{"name": text_, "value": VALUE, "unit": maybe(text_), "since": day_, "cite": text_,
                    "status": STATUS, "label": TEXT}],
    "variables": [{"name": text_, "scope": SCOPE, "sql": text_, "missing": maybe(VALUE),
                   "missing_cite": maybe(text_), "label": TEXT}],
    "clauses": [{"id": text_, "scope": word("applicant", "choice"), "when": text_, "cite": text_,
                 "met": TEXT, "failed": TEXT, "unknown": TEXT}],
    "eligibility": combine_, "choice_eligibility": maybe(combine_),
    "tiers": [{"id": text_, "title": TEXT, "when": text_, "cite": text_, "unknown_cite": maybe(text_)}],
    "score": maybe({"sql": text_, "order": word("high-first", "low-first"), "unit": maybe(text_),
                    "title": TEXT, "cite": text_}),
    "tie_break": {"method": word("single", "multiple"),
                  "unit": lambda v: v == "applicant" or fits({"family": text_}, v)},
    "draw": {"id": text_, "sources": [{"id": text_, "title": TEXT, "values": [COUNT], "sorted": bool_}]},
    "capacity": text_,
    "reserves": [{"id": text_, "title": TEXT, "members": text_, "seats": text_,
                  "unused": word("open", "empty"), "cite": text_}],
    "ceilings": [{"id": text_, "title": TEXT, "members": text_, "seats": text_, "cite": text_}],
    "publish": word("rows", "roots"), "cell_min": upto(U32),
    "indicators": [{"id": text_, "title": TEXT, "by": maybe(text_),
                    "measure": word("applicants", "placed", "first-choice", "undetermined")}],
}
CERTIFICATE = {
    "format": text_, "mechanism": text_, "programme": text_, "version": upto(U32), "cycle": text_,
    "as_of": day_, "rows_root": is_hex, "applicants": COUNT, "choices": COUNT, "providers": COUNT,
    "eligible": COUNT, "not_eligible": COUNT, "undetermined": COUNT, "placed": COUNT,
    "registers": [{"name": text_, "rows": COUNT, "sha256": text_}],
    "draw": {"id": text_, "pool_size": COUNT, "pool_root": is_hex, "canonical": text_, "seed": is_hex},
    "indicators": [{"id": text_, "group": maybe(text_), "value": maybe(COUNT)}],
}
APPLICANT = {
    "draw_ticket": text_, "facts_hash": text_, "groups": [maybe(text_)], "holds": upto(U32),
    "placement": maybe({"door": lambda v: v in ("kept", "open") if isinstance(v, str)
                        else fits({"reserve": upto(15)}, v),
                        "position": upto(U32), "provider": text_}),
    "ticket": text_, "unknown": upto(U32), "verdict": word(*VERDICTS),
}
CHOICE = {
    "ceilings": upto(65535), "holds": upto(U32), "kept": bool_, "position": upto(U32), "provider": text_,
    "reserves": upto(65535), "score": upto(LIMIT, -LIMIT), "tier": upto(255), "tier_holds": upto(U32),
    "tier_unknown": upto(U32), "unknown": upto(U32), "verdict": word(*VERDICTS),
}


# --- the rules from the programme file --------------------------------------------


class Written(str):
    """The digits of a number with a point."""


def day_of(v):
    return v if isinstance(v, str) else v.isoformat()


def value_of(v):
    if isinstance(v, Written):
        need(decimal_(str(v).replace("_", "")), v, "is no exact decimal")
        return {"decimal": str(v).replace("_", "")}
    if isinstance(v, bool):
        return {"boolean": v}
    if isinstance(v, int):
        return {"integer": v}
    if isinstance(v, str):
        return {"text": v}
    need(type(v) is datetime.date, v, "is no value")
    return {"date": v.isoformat()}


def combination(words, ids):
    """Reads `a AND (b OR c)`; takes what it reads off the list."""

    def part():
        need(words, "a combination ends early")
        w = words.pop(0)
        if w == "(":
            inner = level()
            need(words and words.pop(0) == ")", "a bracket is open")
            return inner
        need(w in ids, "no clause", w)
        return {"clause": ids.index(w)}

    def level():
        parts, joined = [part()], None
        while words and words[0].lower() in ("and", "or"):
            w = words.pop(0).lower()
            need(joined in (None, w), "AND and OR without brackets")
            joined = w
            parts.append(part())
        return parts[0] if joined is None else {"all" if joined == "and" else "any": parts}

    found = level()
    need(not words, "a combination goes on after its end")
    return found


def names(sql, name):
    """Whether SQL names a variable."""
    for i, piece in enumerate(sql.split("'")):
        if i % 2 == 0:
            for found in re.finditer(r"\w+", piece):
                before = piece[:found.start()].rstrip()[-1:]
                if found.group() == name and before not in (".", "$"):
                    return True
    return False


def in_order(variables):
    left, done = list(variables), []
    while left:
        free = (v for v in left if not any(o is not v and names(v["sql"], o["name"]) for o in left))
        first = next(free, None)
        need(first, "variables form a circle")
        left.remove(first)
        done.append(first)
    return done


def column_of(name, c):
    scale = re.fullmatch(r"decimal\(([0-9]+)\)", c["type"])
    return {"name": name, "type": {"decimal": {"scale": int(scale[1])}} if scale else c["type"],
            "unit": c.get("unit"), "nullable": c.get("nullable", False), "publish": c.get("publish", False),
            "label": c["label"], "document": c.get("document"), "values": c.get("values", [])}


def parameter_of(name, p, as_of):
    held = max((v for v in p["values"] if day_of(v["since"]) <= as_of), key=lambda v: day_of(v["since"]),
               default=None)
    need(held and day_of(held.get("until", "9999-12-31")) >= as_of, "no value of", name)
    return {"name": name, "value": value_of(held["value"]), "unit": p.get("unit"),
            "since": day_of(held["since"]), "cite": held["cite"], "status": held["status"], "label": p["label"]}


def rules_of(text):
    """rules.json as it follows from programme.toml."""
    t = tomllib.loads(text, parse_float=Written)
    same("format", 1, t["format"])
    cycle, programme = t["cycle"], t["programme"]
    as_of = day_of(cycle["as_of"])
    rules = {k: programme[k] for k in ("version", "title", "body", "objection")}
    rules.update(programme=programme["id"], notice=programme.get("notice", {"en": "", "zh": ""}),
                 cycle=cycle["id"], as_of=as_of, law=t["law"],
                 objections_until=day_of(cycle["objections_until"]) if "objections_until" in cycle else None)
    by_role = {r["role"]: (name, r) for name, r in t["registers"].items()}
    for role in ("applicants", "providers", "choices"):
        name, r = by_role[role]
        rules[role] = {"name": name, "key": r["key"], "columns": [column_of(n, c) for n, c in r["columns"].items()]}
    people, lists = by_role["applicants"][1], by_role["choices"][1]
    rules.update(ticket=people["ticket"], secret=people.get("secret"), current_provider=people.get("current"),
                 **{"choice_" + k: lists[k] for k in ("applicant", "provider", "position")})
    rules["parameters"] = [parameter_of(n, p, as_of) for n, p in t.get("parameters", {}).items()]
    rules["variables"] = in_order(
        {"name": n, "scope": v["scope"], "sql": v["sql"], "label": v["label"], "missing_cite": v.get("missing_cite"),
         "missing": value_of(v["missing"]) if "missing" in v else None}
        for n, v in t.get("variables", {}).items())
    rules["clauses"] = [{"scope": "applicant"} | c for c in t["clauses"]]
    for key, out, scope in (("combine", "eligibility", "applicant"), ("choice_combine", "choice_eligibility", "choice")):
        ids = [c["id"] for c in rules["clauses"] if c["scope"] == scope]
        words = re.findall(r"[()]|[^()\s]+", t["eligibility"].get(key, ""))
        rules[out] = combination(words, ids) if key in t["eligibility"] else None
    rules["tiers"] = [{"unknown_cite": None} | x for x in t.get("tiers", [])]
    rules["score"] = {"unit": None} | t["score"] if "score" in t else None
    tie = t["tie_break"]
    rules["tie_break"] = {"method": tie["method"],
                          "unit": {"family": tie["family"]} if tie["unit"] == "family" else "applicant"}
    rules["draw"] = {"id": t["draw"]["id"], "sources": [{"sorted": False} | s for s in t["draw"]["sources"]]}
    rules["capacity"] = t["capacity"]["seats"]
    rules.update(reserves=t.get("reserves", []), ceilings=t.get("ceilings", []),
                 indicators=[{"by": None} | i for i in t.get("indicators", [])],
                 publish=t["publish"]["mode"], cell_min=t["publish"].get("cell_min", 0))
    return rules


def check_rules(b):
    try:
        made = rules_of(b.programme.decode("utf-8"))
    except (UnicodeDecodeError, tomllib.TOMLDecodeError, KeyError, TypeError, AttributeError, ValueError) as e:
        raise Offender(f"programme.toml - {e!r}") from None
    # Whether an expression is a decimal needs its types: both forms of a whole number pass.
    for mine, theirs in zip(made["variables"], b.rules["variables"]):
        whole = (mine["missing"] or {}).get("integer")
        if whole is not None and theirs["missing"] == {"decimal": str(whole)}:
            mine["missing"] = theirs["missing"]
    for key in RULES:
        same("rules.json " + key, canonical(made[key]), canonical(b.rules[key]))


# --- the folder ------------------------------------------------------------------


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
    if name == "providers.parquet":
        return [provider, c("capacity", "u32", False, "名额", "seats"), c("placed", "u32", False, "已安排", "placed")] + [
            ("fact:" + x["name"], "text", True, x["label"]) for x in rules["providers"]["columns"]
            if x["publish"] and x["name"] not in rules["providers"]["key"]]
    return [
        provider, c("door", "text", False, "入口", "door: kept, reserve:ID, open or ceiling:ID"),
        c("seats", "u32", False, "名额", "seats"), c("placed", "u32", False, "已安排", "placed"),
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
}
KEYS = {"applicants.parquet": ["ticket"], "choices.parquet": ["ticket", "position"],
        "providers.parquet": ["provider"], "doors.parquet": ["provider", "door"]}
MEDIA = {"parquet": "application/vnd.apache.parquet", "toml": "application/toml", "json": "application/json"}


def datapackage_of(rules, files):
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
             "bytes": f["bytes"], "hash": "sha256:" + f["sha256"]}
        if ending == "parquet":
            r["profile"] = "tabular-data-resource"
            kinds = {"text": "string", "bool": "boolean"}
            fields = [{"name": n, "type": kinds.get(k, "integer"), "description": both(label),
                       "constraints": {"required": not null}} for n, k, null, label in columns_of(rules, path)]
            r["schema"] = {"fields": fields, "primaryKey": KEYS[path]}
        else:
            r["encoding"] = "utf-8"
        resources.append(r)
    return {"profile": "data-package", "name": f"{rules['programme']}-{rules['cycle']}".lower(),
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
        raise Offender(name, "- not readable:", e) from None


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
        need(found in ([*FILES], [f for f in FILES if f not in ROWS_ONLY]), "manifest.json lists", *found)
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
        raise Offender(e) from None
    b.programme = data["programme.toml"]
    b.rules = r = parse_json("rules.json", data["rules.json"])
    if isinstance(r, dict):
        for key, shape in RULES.items():
            need(key in r and fits(shape, r[key]), "rules.json", key, "- not as the format wants")
    need(fits(RULES, r), "rules.json - not as the format wants")
    same("the folder's name", f"{r['programme']}-{r['cycle']}-{b.id[:16]}", os.path.basename(b.path))
    same("manifest.json notice", notice_of(r), listed.get("notice"))
    same("manifest.json files", [f for f in FILES if r["publish"] == "rows" or f not in ROWS_ONLY], found)
    need(canonical_bytes(datapackage_of(r, b.files)) == data["datapackage.json"],
         "datapackage.json does not agree with the rules and the manifest")
    b.certificate = c = parse_json("certificate.json", data["certificate.json"])
    need(isinstance(c, dict), "certificate.json - no object")
    same("certificate.json notice", notice_of(r), c.pop("notice", None))
    need(fits(CERTIFICATE, c), "certificate.json - not as the format wants")
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


# --- what anybody checks ---------------------------------------------------------


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


def check_draw(b):
    r, seal = b.rules, b.certificate["draw"]
    need(any(s["values"] for s in r["draw"]["sources"]), "no source has spoken")
    same("draw.id", r["draw"]["id"], seal["id"])
    same("draw.canonical", sources_text(r), seal["canonical"])
    if b.applicants is not None:
        pool = sorted({a.draw_ticket.encode() for a in b.applicants})
        same("draw.pool_root", tree_root([leaf_hash(t) for t in pool]).hex(), seal["pool_root"])
        same("draw.pool_size", len(pool), seal["pool_size"])
    message = "\n".join(("minsheng draw 1", r["programme"], r["cycle"], r["draw"]["id"], sources_text(r)))
    same("draw.seed", mac(bytes.fromhex(seal["pool_root"]), message.encode()).hex(), seal["seed"])


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
        for rule, d in zip(b.rules["reserves"], reserves):
            need(d.seats <= remaining, door_name(d), "has more seats than are left")
            remaining -= d.placed if rule["unused"] == "open" else d.seats
        same(door_name(opened), remaining, opened.seats)
        same(p.provider, sum(d.placed for d in (kept, opened, *reserves)), p.placed)


def ranks(b):
    """Gives every choice its rank."""
    seed = bytes.fromhex(b.certificate["draw"]["seed"])
    if b.rules["tie_break"]["method"] == "single":
        order = sorted(b.applicants, key=lambda a: (mac(seed, a.draw_ticket.encode() + b"\x01"), a.ticket.encode()))
        for rank, a in enumerate(order, 1):
            for x in a.choices:
                x.rank = rank
        return
    by_place = [[] for _ in b.providers]
    for x in b.choices:
        by_place[x.place].append(x)
    for here in by_place:
        here.sort(key=lambda x: (mac(seed, f"{x.applicant.draw_ticket}\n{x.provider}".encode() + b"\x01"),
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


def counts_for(measure, a):
    return {"applicants": True, "placed": a.slot is not None, "first-choice": a.placed_position == 1,
            "undetermined": a.verdict == "undetermined"}[measure]


def check_indicators(b):
    expected, columns = [], groups_of(b.rules)
    for i in b.rules["indicators"]:
        cells = {} if i["by"] else {None: 0}
        for a in b.applicants:
            group = None if i["by"] is None else a.groups[columns.index(i["by"])] or ""
            cells[group] = cells.get(group, 0) + counts_for(i["measure"], a)
        for group in sorted(cells, key=lambda g: (g or "").encode()):
            hidden = 0 < cells[group] < b.rules["cell_min"]
            expected.append({"id": i["id"], "group": group, "value": None if hidden else cells[group]})
    for e, f in zip(expected, b.certificate["indicators"]):
        same(f"{e['id']} {e['group']}", e, f)
    same("number of indicators", len(expected), len(b.certificate["indicators"]))


def choose(b, place, people):
    """The choice function: the slot of each person taken."""
    doors, reserves, taken = block(b, place), b.rules["reserves"], {}
    people = sorted(people, key=lambda x: x.key)
    for x in people:
        if x.kept:
            taken[x] = 0
    remaining = b.providers[place].capacity - len(taken)
    for i, rule in enumerate(reserves):
        seats = min(doors[1 + i].seats, remaining)
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


def check_beyond(b):
    """What follows from the format although minsheng does not look at it."""
    r, c = b.rules, b.certificate
    for a in b.applicants or ():
        need(is_hex(a.facts_hash) if r["secret"] else a.facts_hash == "", a.ticket, "has no right facts_hash")
    for x in b.choices or ():
        for i, tier in enumerate(r["tiers"]):
            need(tier["unknown_cite"] or not x.tier_unknown >> i & 1, name(x), "- this tier cannot be unknown")
    pool, people = c["draw"]["pool_size"], c["applicants"]
    need(pool == people if r["tie_break"]["unit"] == "applicant" else pool <= people, "draw.pool_size is not possible")
    need(0 <= c["choices"] - c["registers"][2]["rows"] <= (people if r["current_provider"] else 0),
         "choices is not possible")
    for d in b.doors:
        need(d.last_rank is None or 1 <= d.last_rank <= people, door_name(d), "- no such rank")


# --- without rows ---------------------------------------------------------------


def check_cut_offs_form(b):
    for d in b.doors:
        last = (d.last_ticket, d.last_tier, d.last_score, d.last_rank)
        need(last.count(None) == (0 if d.placed == d.seats > 0 else 4), door_name(d), "- the cut-off cannot be right")
        if d.last_tier is not None:
            need(d.last_tier <= len(b.rules["tiers"]) + 1 and (d.last_tier == 0) == (d.door == "kept")
                 and (b.rules["score"] or d.last_score == 0), door_name(d), "- the cut-off cannot be right")


def check_indicators_form(b):
    left = list(b.certificate["indicators"])
    for i in b.rules["indicators"]:
        own = []
        while left and left[0]["id"] == i["id"]:
            own.append(left.pop(0))
        if i["by"] is None:
            need(len(own) == 1 and own[0]["group"] is None, i["id"], "has wrong groups")
        else:
            groups = [f["group"] for f in own]
            need(None not in groups and all(x.encode() < y.encode() for x, y in zip(groups, groups[1:])), i["id"],
                 "has wrong groups")
        for f in own:
            need(not 0 < (f["value"] or 0) < b.rules["cell_min"], i["id"], "- a small count should be hidden")
    need(not left, "there are indicators that the rules do not have")


# --- one applicant ----------------------------------------------------------------


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
        raise Offender(e) from None
    shape = {"ticket": text_, "secret": text_, "facts": lambda v: isinstance(v, dict) and all(map(maybe(text_), v.values())),
             "applicant": APPLICANT, "choices": [CHOICE], "proof": {"index": COUNT, "size": COUNT, "path": [is_hex]}}
    if isinstance(receipt, dict) and "bundle_id" in receipt:
        shape["bundle_id"] = maybe(text_)
    need(fits(shape, receipt), "receipt - not as the format wants")
    return receipt


# --- running ---------------------------------------------------------------------


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
            print(f"{title:14} {count if isinstance(count, int) else count():>9}  FAILS: {e}")
            return 4
        print(f"{title:14} {count if isinstance(count, int) else count():>9}  holds")
    return 0


def checks_for(b, receipt):
    files, doors, figures = len(b.files) + 1, len(b.doors), len(b.certificate["indicators"])
    head = [("hashes", files, lambda: None), ("rules", 1, lambda: check_rules(b)),
            ("identity", 1, lambda: check_identity(b))]
    seats = ("seats", doors, lambda: check_seats(b))
    if receipt:
        own = Own(b, receipt)
        return head + [seats, ("draw", 1, lambda: check_draw(b)), ("receipt", 1, own.belongs),
                       ("inclusion", 1, own.included), ("own-order", len(receipt["choices"]), own.order),
                       ("own-cut-offs", len(own.better()), own.cut_offs),
                       ("own-facts", len(receipt["facts"]), own.facts), ("beyond", 1, own.beyond)]
    head.append(("counts", 7, lambda: check_counts(b)))
    if b.applicants is None:
        return head + [("draw", 1, lambda: check_draw(b)), seats, ("cut-offs", doors, lambda: check_cut_offs_form(b)),
                       ("indicators", figures, lambda: check_indicators_form(b)),
                       ("beyond", 1, lambda: check_beyond(b))]
    people, entries = len(b.applicants), len(b.choices)
    return head + [
        ("rows-root", people, lambda: check_root(b)), ("masks", people + entries, lambda: check_masks(b)),
        ("verdicts", people + entries, lambda: check_verdicts(b)), ("tiers", entries, lambda: check_tiers(b)),
        ("lists", people, lambda: check_lists(b)), ("groups", entries, lambda: check_groups(b)),
        ("draw-tickets", people, lambda: check_draw_tickets(b)), ("draw", people, lambda: check_draw(b)),
        ("placements", people, lambda: check_placements(b)), seats, ("doors", doors, lambda: check_doors(b)),
        ("cut-offs", doors, lambda: check_cut_offs(b)), ("door-order", people, lambda: check_door_order(b)),
        ("no-envy", lambda: sum(len(better(a)) for a in b.applicants), lambda: check_envy(b)),
        ("indicators", figures, lambda: check_indicators(b)), ("beyond", people + entries, lambda: check_beyond(b)),
        ("optimal", people, lambda: check_optimal(b)),
    ]


def main(arguments):
    if arguments == ["--examples"]:
        return examples()
    if not arguments or len(arguments) not in (1, 3) or len(arguments) == 3 and arguments[1] != "--receipt":
        print(__doc__, file=sys.stderr)
        return 2
    try:
        b = read_folder(arguments[0])
        receipt = read_receipt(arguments[2]) if len(arguments) == 3 else None
    except Offender as e:
        print(f"{'form':14} {'':>9}  FAILS: {' '.join(map(str, e.args))}")
        return 4
    return run(checks_for(b, receipt))


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
