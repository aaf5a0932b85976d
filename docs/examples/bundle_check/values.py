"""Offenders, hashes, trees, canonical JSON and the shapes of JSON values."""

import datetime
import hashlib
import hmac
import json
import re


FORMAT = "minsheng-bundle/1"
LIMIT = 1 << 53
U32 = (1 << 32) - 1
VERDICTS = ("not-eligible", "undetermined", "eligible")  # N < U < Y
ROWS_ONLY = ("applicants.parquet", "choices.parquet", "standings.parquet")
FILES = (
    "applicants.parquet", "certificate.json", "choices.parquet", "datapackage.json",
    "doors.parquet", "programme.toml", "providers.parquet", "rules.json",
)
LATER = ("round.json", "standings.parquet")


def files_of(publish, later):
    """The files of a bundle but the manifest; those of a later round are two more."""
    names = sorted(FILES + LATER) if later else FILES
    return [f for f in names if publish == "rows" or f not in ROWS_ONLY]


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
        raise Offender(f"{name} - not JSON: {e}") from None
    except Offender as e:
        raise Offender(f"{name} - {e}") from None
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


def law_(value):
    """A law; `article_en` may be left out."""
    shape = {"id": text_, "title": TEXT, "article": text_, "source": text_, "status": STATUS}
    if isinstance(value, dict) and "article_en" in value:
        shape["article_en"] = text_
    return fits(shape, value)


RULES = {
    "programme": text_, "version": upto(U32), "title": TEXT, "body": TEXT, "objection": TEXT,
    "notice": TEXT, "cycle": text_, "as_of": day_, "objections_until": maybe(day_),
    "law": [law_],
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
    "offers": maybe({
        "reply_until": [day_], "silence": word("lapse", "keep"), "keep": bool_, "owed": word("extra", "first"),
        "late": maybe({"arrived": text_, "closes": day_, "admitted": bool_}), "replies": TABLE,
        "reply_applicant": text_, "reply_round": text_, "reply_answer": text_, "reply_day": text_, "cite": text_}),
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
MINIMUM = {"sql": text_, "cite": text_}
CLOSED = [{"provider": text_, "minimum": upto(U32), "had": upto(U32)}]
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
ROUND = {
    "number": upto(U32, 2), "previous": is_hex, "until": day_,
    "replies": {"name": text_, "rows": COUNT, "sha256": is_hex},
    "answers": {"accept": COUNT, "keep": COUNT, "decline": COUNT, "withdraw": COUNT, "silent": COUNT},
    "arrived": COUNT, "appeals": COUNT, "vacant": COUNT, "offered": COUNT, "moved": COUNT, "waiting": COUNT,
    "standings_root": is_hex,
    "lines": [{"provider": text_, "vacant": upto(U32), "offered": upto(U32), "free": upto(U32), "waiting": upto(U32),
               "next": maybe({"owed": bool_, "late": bool_, "tier": upto(255), "score": upto(LIMIT, -LIMIT),
                              "rank": upto(U32)})}],
}
