"""The rules as they follow from the programme file."""

import datetime
import re
import tomllib

from .values import Offender, RULES, canonical, decimal_, need, same


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


def law_of(law):
    """An article in two languages becomes two keys."""
    article = law["article"]
    return law | {"article": article["zh"], "article_en": article["en"]} if isinstance(article, dict) else law


def offers_of(o, people, name, replies):
    """The rules of rounds from `[offers]` and the register of replies."""
    days = [day_of(d) for d in o["reply_until"]]
    if "reply_days" in o:
        first = datetime.date.fromisoformat(days[0])
        days = [(first + datetime.timedelta(o["reply_days"] * i)).isoformat() for i in range(o["rounds"])]
    late = None
    if "arrived" in people:
        late = {"arrived": people["arrived"], "closes": day_of(o["closes"]), "admitted": o["late"] == "behind"}
    columns = [column_of(n, c) for n, c in replies["columns"].items()]
    return {"reply_until": days, "silence": o.get("silence", "lapse"), "keep": o.get("keep", False), "late": late,
            "owed": o.get("owed", "extra"), "replies": {"name": name, "key": replies["key"], "columns": columns},
            **{"reply_" + k: replies[k] for k in ("applicant", "round", "answer", "day")}, "cite": o["cite"]}


def rules_of(text):
    """rules.json as it follows from programme.toml."""
    t = tomllib.loads(text, parse_float=Written)
    same("format", 1, t["format"])
    cycle, programme = t["cycle"], t["programme"]
    as_of = day_of(cycle["as_of"])
    rules = {k: programme[k] for k in ("version", "title", "body", "objection")}
    rules.update(programme=programme["id"], notice=programme.get("notice", {"en": "", "zh": ""}),
                 cycle=cycle["id"], as_of=as_of, law=[law_of(x) for x in t["law"]],
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
    least = t["capacity"].get("minimum")
    rules["minimum"] = {"sql": least, "cite": t["capacity"]["cite"]} if least is not None else None
    rules["offers"] = offers_of(t["offers"], people, *by_role["replies"]) if "offers" in t else None
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
    for key in (*RULES, "minimum"):
        same("rules.json " + key, canonical(made[key]), canonical(b.rules[key]))
