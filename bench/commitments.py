#!/usr/bin/env python3
"""Reads the same Chinese sentences with minsheng and its peers, in one run.

Prints, for each, the exact facts found (value; value with measure word) as
precision, recall and F1 against bench/data/commitments.tsv, and megabytes a second
of processor time on the same text repeated. Peers are installed into target/bench-commitments.

    python3 bench/commitments.py [--minsheng target/release/minsheng] [--megabytes 4]
"""

import argparse
import csv
import io
import os
import resource
import subprocess
import sys
import tempfile
import time
from pathlib import Path

HERE = Path(__file__).resolve().parent
PEERS = ["cn2an==0.5.24", "jionlp==1.5.31", "recognizers-text-suite==1.0.2a2", "emoji<2"]


def own_python():
    """Runs this script again inside its own environment."""
    venv = HERE.parent / "target" / "bench-commitments"
    python = venv / "bin" / "python"
    if Path(sys.prefix) != venv:
        if not python.exists():
            subprocess.run([sys.executable, "-m", "venv", str(venv)], check=True)
        for peer in PEERS:
            done = subprocess.run([str(python), "-m", "pip", "install", "--quiet", "--disable-pip-version-check", peer])
            if done.returncode:
                print(f"could not install {peer}", file=sys.stderr)
        os.execv(str(python), [str(python), *sys.argv])


def gold():
    facts = {}
    for row in csv.DictReader(open(HERE / "data" / "commitments.tsv", encoding="utf-8"), delimiter="\t"):
        bucket = facts.setdefault(row["sentence"], [])
        if row["value"]:
            bucket.append((round(float(row["value"]), 9), row["unit"]))
    return facts


def score(found, facts, with_unit):
    right = wanted = given = 0
    for sentence, truth in facts.items():
        key = (lambda f: f) if with_unit else (lambda f: f[0])
        left = [key(f) for f in truth]
        wanted += len(left)
        for fact in found.get(sentence, []):
            given += 1
            if key(fact) in left:
                left.remove(key(fact))
                right += 1
    precision = right / given if given else 0.0
    recall = right / wanted
    f1 = 2 * precision * recall / (precision + recall) if right else 0.0
    return precision, recall, f1


def minsheng(command, sentences):
    """One file, one sentence a paragraph; offsets tell the sentences apart."""
    text = "\n\n".join(sentences)
    with tempfile.NamedTemporaryFile("w", suffix=".2025-06-01.txt", encoding="utf-8", delete=False) as f:
        f.write(text)
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    out = subprocess.run([command, "commitments", "read", f.name, "--csv", "--published", "2025-06-01"], capture_output=True, text=True, check=True).stdout
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    os.unlink(f.name)
    bounds, at = [], 0
    for sentence in sentences:
        bounds.append((at, at + len(sentence), sentence))
        at += len(sentence) + 2
    found = {}
    index = 0
    for row in csv.DictReader(io.StringIO(out)):
        if not row["value"]:
            continue
        start = int(row["start"])
        while bounds[index][1] <= start:
            index += 1
        found.setdefault(bounds[index][2], []).append((round(float(row["value"]), 9), row["unit"]))
    used = (after.ru_utime + after.ru_stime) - (before.ru_utime + before.ru_stime)
    return found, used


def timed(read, sentences):
    start = time.process_time()
    found = {s: read(s) for s in sentences}
    return found, time.process_time() - start


def recognizers():
    from recognizers_number import recognize_number, recognize_percentage

    def read(sentence):
        facts = []
        for r in recognize_percentage(sentence, "zh-cn"):
            facts.append((round(float(r.resolution["value"].rstrip("%")), 9), "%"))
        for r in recognize_number(sentence, "zh-cn"):
            value = r.resolution.get("value")
            if value:
                facts.append((round(float(value), 9), ""))
        return facts

    return read


def jionlp():
    import jionlp

    def read(sentence):
        facts = []
        for money in jionlp.ner.extract_money(sentence):
            value = money["detail"]["num"]
            if isinstance(value, str):
                facts.append((round(float(value), 9), "元"))
        return facts

    return read


def cn2an():
    import re

    from cn2an import transform

    number = re.compile(r"\d+(?:\.\d+)?")

    def read(sentence):
        return [(float(n), "") for n in number.findall(transform(sentence, "cn2an"))]

    return read


def main():
    own_python()
    arguments = argparse.ArgumentParser()
    arguments.add_argument("--minsheng", default=str(HERE.parent / "target" / "release" / "minsheng"))
    arguments.add_argument("--megabytes", type=float, default=4)
    options = arguments.parse_args()
    facts = gold()
    sentences = list(facts)
    size = len("\n\n".join(sentences).encode())
    print(f"{len(sentences)} sentences, {sum(map(len, facts.values()))} facts")
    print(f"{'reader':14}{'P':>7}{'R':>7}{'F1':>7}{'F1+unit':>9}{'MB/CPU-s':>11}")
    copies = max(1, int(options.megabytes * 1e6 / size))
    found, _ = minsheng(options.minsheng, sentences)
    _, used = minsheng(options.minsheng, sentences * copies)
    show("minsheng", found, facts, size * copies / used / 1e6)
    for name, make in (("recognizers", recognizers), ("jionlp money", jionlp), ("cn2an", cn2an)):
        try:
            read = make()
            read(sentences[0])
        except Exception as error:  # a peer that does not import is told, not hidden
            print(f"{name:14} does not run here: {error}")
            continue
        found, _ = timed(read, sentences)
        repeats = max(1, min(copies, 20))
        start = time.process_time()
        for _ in range(repeats):
            for s in sentences:
                read(s)
        show(name, found, facts, size * repeats / (time.process_time() - start) / 1e6)


def show(name, found, facts, speed):
    precision, recall, f1 = score(found, facts, False)
    unit = score(found, facts, True)[2]
    print(f"{name:14}{precision:7.2f}{recall:7.2f}{f1:7.2f}{unit:9.2f}{speed:11.2f}")


if __name__ == "__main__":
    main()
