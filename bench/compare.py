"""What-if at city scale through the command itself: 100 draws of a market of 292,000
applicants with 20 choices each, base and one alternative, by `minsheng compare`.

    python3 bench/compare.py [APPLICANTS [DRAWS]]

Makes a scaled copy of the example city with synthetic registers in a temporary folder,
then prints time and peak memory of each step. Build `target/release/minsheng` first.
"""

import os
import pathlib
import resource
import shutil
import subprocess
import sys
import tempfile
import time

ROOT = pathlib.Path(__file__).resolve().parent.parent
PROGRAMME = "toddler-classes"
BINARY = os.environ.get("MINSHENG", str(ROOT / "target/release/minsheng"))


def scaled(folder: pathlib.Path, applicants: int) -> None:
    """Copies the example city and asks for so many applicants with 20 choices each."""
    shutil.copytree(
        ROOT / "cities/beijing", folder, ignore=shutil.ignore_patterns("registers", "out")
    )
    plan = folder / "synth/toddler-classes.toml"
    text = plan.read_text(encoding="utf-8")
    providers = max(applicants // 50, 40)
    changes = {
        "count = 282\nplaces = 9024\n": f"count = {providers}\nplaces = {applicants * 95 // 100}\n",
        "count = 12_800": f"count = {applicants}",
        "length = [1, 10]": "length = [20, 20]",
        "{area}-{n:3}": "{area}-{n:4}",
    }
    for old, new in changes.items():
        if old not in text:
            sys.exit(f"the plan of the example city has no {old!r} any more")
        text = text.replace(old, new)
    plan.write_text(text, encoding="utf-8")
    # The other programmes of the city are not asked about.
    city = folder / "city.toml"
    lines = city.read_text(encoding="utf-8").splitlines()
    kept = [l for l in lines if not l.lstrip().startswith('"') or PROGRAMME in l]
    city.write_text("\n".join(kept) + "\n", encoding="utf-8")


def run(*arguments: str) -> str:
    """Runs the command, prints wall time, processor time and peak memory so far."""
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    start = time.monotonic()
    done = subprocess.run(
        [BINARY, *arguments], check=True, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True
    )
    wall = time.monotonic() - start
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    busy = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    peak = after.ru_maxrss / 1024
    shown = " ".join(a if len(a) < 30 else "CITY" for a in arguments)
    print(f"{wall:7.1f} s by the clock {busy:7.1f} s on processors, peak so far {peak:6.0f} MB  {shown}")
    return done.stdout


def main() -> None:
    numbers = [int(a) for a in sys.argv[1:]]
    applicants = numbers[0] if numbers else 292_000
    draws = str(numbers[1] if len(numbers) > 1 else 100)
    with tempfile.TemporaryDirectory() as folder:
        city = pathlib.Path(folder) / "a-city-that-is-scaled-up-for-this"
        scaled(city, applicants)
        run("synth", str(city))
        look = ("--lang", "en", "--misreports", "0")
        alternative = ("--capacity", "+5%")
        run("compare", str(city), PROGRAMME, *alternative, "--draws", "0", *look)
        run("compare", str(city), PROGRAMME, *alternative, "--draws", draws, *look)
        run("compare", str(city), PROGRAMME, "--set", "hardship_per_class=2", "--draws", draws, *look)
        run("compare", str(city), PROGRAMME, "--tie-break", "multiple", "--draws", draws, *look)
        run("compare", str(city), PROGRAMME, *alternative, "--draws", draws, "--lang", "en")


if __name__ == "__main__":
    main()
