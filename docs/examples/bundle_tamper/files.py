"""The folder, JSON files, rules, identity, tables."""

import copy
import os

import pyarrow as pa

import bundle_check as cb

from .work import TABLES, each, some, tampering


# --- the folder -------------------------------------------------------------------


def flip_byte(file):
    def flip_a_byte(w, dice):
        def change(path):
            with open(os.path.join(path, file), "r+b") as f:
                data = bytearray(f.read())
                data[dice.randrange(len(data))] ^= 1 << dice.randrange(8)
                f.seek(0)
                f.write(data)
        w.after = change
    return flip_a_byte


each([*cb.FILES, "manifest.json"], flip_byte)


@tampering
def a_file_more(w, dice):
    w.after = lambda path: open(os.path.join(path, "note.txt"), "w").close()


@tampering
def a_file_less(w, dice):
    w.after = lambda path: os.remove(os.path.join(path, "doors.parquet"))


@tampering
def a_folder_more(w, dice):
    w.after = lambda path: os.mkdir(os.path.join(path, "more"))


@tampering
def a_link_for_a_file(w, dice):
    def change(path):
        file = os.path.join(path, "programme.toml")
        os.rename(file, path + ".toml")
        os.symlink(path + ".toml", file)
    w.after = change


@tampering
def another_name(w, dice):
    def change(path):
        os.rename(path, path[:-1] + "x")
        return path[:-1] + "x"
    w.after = change


@tampering
def a_space_in_rules_json(w, dice):
    w.files["rules.json"] = cb.canonical_bytes(w.rules).replace(b":", b": ", 1)


@tampering
def another_description(w, dice):
    rules = dict(w.rules, title={"zh": "x", "en": "x"})
    w.files["datapackage.json"] = cb.canonical_bytes(cb.datapackage_of(rules, w.bundle.files))


# --- JSON ------------------------------------------------------------------------


@tampering
def a_null_left_out_of_rules_json(w, dice):
    next(v for v in w.rules["clauses"] + w.rules["variables"] if "missing" in v).pop("missing_cite")


@tampering
def a_null_left_out_of_the_top_of_rules_json(w, dice):
    del w.rules["current_provider" if w.rules["current_provider"] is None else "objections_until"]


@tampering
def a_list_for_an_object_in_rules_json(w, dice):
    w.described = copy.deepcopy(w.rules)
    w.rules["body"] = [w.rules["body"]["zh"], w.rules["body"]["en"]]


@tampering
def an_object_for_a_word_in_rules_json(w, dice):
    w.rules["tie_break"]["method"] = {w.rules["tie_break"]["method"]: None}


@tampering
def a_key_more_in_rules_json(w, dice):
    w.rules["more"] = 1


@tampering
def a_decimal_written_otherwise(w, dice):
    found = next(p for p in w.rules["parameters"] if "decimal" in p["value"])
    found["value"]["decimal"] += "0"


@tampering
def a_null_left_out_of_certificate_json(w, dice):
    del next(i for i in w.certificate["indicators"] if i["group"] is None or i["value"] is None)["group"]


@tampering
def a_list_for_an_object_in_certificate_json(w, dice):
    i = w.certificate["indicators"][0]
    w.certificate["indicators"][0] = [i["id"], i["group"], i["value"]]


@tampering
def a_key_more_in_certificate_json(w, dice):
    w.certificate["more"] = 1


# --- rules and identity ----------------------------------------------------------


@tampering
def a_tier_in_rules_json_alone(w, dice):
    w.rules["tiers"].reverse()


@tampering
def a_citation_in_rules_json_alone(w, dice):
    w.rules["clauses"][0]["cite"] += "x"


@tampering
def a_parameter_in_the_programme_alone(w, dice):
    at = w.programme.index(b"value = ") + 8
    w.programme = w.programme[:at] + b"1" + w.programme[at:]


@tampering
def a_drawn_number_in_rules_json(w, dice):
    w.rules["draw"]["sources"][0]["values"][0] += 1
    w.redraw()
    w.republish()


@tampering
def the_programme_file_does_not_parse(w, dice):
    w.programme += b"\n["


def certificate_value(key):
    def certificate_is_about_something_else(w, dice):
        c = w.certificate
        c[key] = c[key] + 1 if isinstance(c[key], int) else c[key][:-1] + ("1" if c[key][-1] != "1" else "2")
    return certificate_is_about_something_else


each(["format", "mechanism", "programme", "version", "cycle", "as_of", "rows_root", "applicants", "choices",
      "providers", "eligible", "not_eligible", "undetermined", "placed"], certificate_value)


@tampering
def one_undetermined_called_not_eligible_in_the_counts(w, dice):
    w.certificate["undetermined"] -= 1
    w.certificate["not_eligible"] += 1


@tampering
def a_register_by_another_name(w, dice):
    w.certificate["registers"][1]["name"] += "x"


@tampering
def a_register_hash_in_capitals(w, dice):
    w.certificate["registers"][0]["sha256"] = "A" * 64


def register_rows(which):
    def a_register_of_another_length(w, dice):
        if which == "2" and any(x["kept"] for x in w.rows["choices"]):
            raise LookupError("kept seats may stand on lists or not")
        w.certificate["registers"][int(which)]["rows"] += 1
    return a_register_of_another_length


each("012", register_rows)


# --- tables ----------------------------------------------------------------------


@tampering
def a_column_by_another_name(w, dice):
    t = w.tables["doors"]
    w.rows["doors"], w.tables["doors"] = None, t.rename_columns([n.replace("seats", "seat") for n in t.column_names])


@tampering
def columns_in_another_order(w, dice):
    w.rows["providers"], w.tables["providers"] = None, w.tables["providers"].select(
        ["provider", "placed", "capacity", *w.tables["providers"].column_names[3:]])


@tampering
def a_column_that_may_be_null(w, dice):
    s = w.tables["choices"].schema
    w.rows["choices"], w.tables["choices"] = None, w.tables["choices"].cast(s.set(3, s.field(3).with_nullable(True)))


@tampering
def a_wider_column(w, dice):
    s = w.tables["choices"].schema
    w.rows["choices"], w.tables["choices"] = None, w.tables["choices"].cast(s.set(10, s.field(10).with_type(pa.uint32())))


@tampering
def a_column_more(w, dice):
    t = w.tables["providers"]
    w.rows["providers"], w.tables["providers"] = None, t.append_column("more", pa.array([None] * t.num_rows, pa.string()))


@tampering
def metadata_more(w, dice):
    w.metadata = {"more": "x"}


@tampering
def a_field_id(w, dice):
    s = w.tables["doors"].schema
    w.rows["doors"], w.tables["doors"] = None, w.tables["doors"].cast(
        s.set(0, s.field(0).with_metadata({"PARQUET:field_id": "7"})))


def swapped(kind):
    def two_rows_swapped(w, dice):
        rows = w.rows[kind]
        rows[0], rows[1] = rows[1], rows[0]
    return two_rows_swapped


each(TABLES, swapped)


def dropped(kind):
    def a_row_dropped(w, dice):
        w.rows[kind].pop()
        if kind in w.certificate:
            w.certificate[kind] -= 1
    return a_row_dropped


each(TABLES, dropped)



@tampering
def an_applicant_left_out(w, dice):
    gone = some(w.rows["applicants"], lambda a: a["placed_door"] is None and a["verdict"] != "eligible", dice)
    w.rows["applicants"].remove(gone)
    w.rows["choices"] = [x for x in w.rows["choices"] if x["ticket"] != gone["ticket"]]
    w.certificate["applicants"] -= 1
    w.certificate["choices"] = len(w.rows["choices"])
    w.redraw()
    w.republish()
