#!/usr/bin/env python3
"""Makes tampered copies of a bundle and holds checkers against them.

    tamper_bundle.py BUNDLE [COMMAND…]

Each copy differs in one thing; hashes, roots, counts and the folder's name are
written again where they are not what is tested. The checker beside this file has
to refuse every copy. COMMAND, if given, is a second checker, called with the
copy's folder behind it. Needs a bundle with `publish = "rows"`.
"""

import contextlib
import io
import random
import subprocess
import sys
import tempfile

import check_bundle
from bundle_tamper import TAMPERINGS, Work


def judge(path):
    out = io.StringIO()
    with contextlib.redirect_stdout(out):
        code = check_bundle.main([path])
    return code, out.getvalue().strip().splitlines()[-1]


def main(arguments):
    if not arguments:
        print(__doc__, file=sys.stderr)
        return 2
    original = Work(arguments[0])
    missed = tried = 0
    for title, tamper in [("nothing", lambda w, dice: None), ("nothing, all written again", lambda w, dice: w.republish()),
                          *TAMPERINGS]:
        work = original.fresh()
        with tempfile.TemporaryDirectory() as parent:
            try:
                tamper(work, random.Random(title))
                path = work.write(parent)
            except (LookupError, StopIteration) as e:
                print(f"{'-':8} {title}: not possible here ({e})")
                continue
            code, last = judge(path)
            second = subprocess.run([*arguments[1:], path], capture_output=True, text=True) if arguments[1:] else None
        honest = title.startswith("nothing")
        tried += 1
        wrong = (code == 0) != honest
        missed += wrong
        said = "" if second is None else f" | second: {second.returncode}" + (
            " MISSED" if (second.returncode == 0) != honest else "")
        print(f"{'MISSED' if wrong else 'ok':8} {title}: {' '.join(last.split())[:150]}{said}")
    print(f"{tried} copies, {missed} missed")
    return 1 if missed else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
