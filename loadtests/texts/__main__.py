"""`python -m loadtests.texts`: bring the catalogues up to the code, and say what is left to do."""

from __future__ import annotations

import argparse
import sys

from loadtests.texts.catalogues import all_problems, stale, update
from loadtests.texts.errors import figure


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--check", action="store_true", help="write nothing, and fail if needed")
    if not parser.parse_args().check:
        update()
    figure().write()
    found = [f"{name} is not up to the code: run `make texts`" for name in stale()]
    found += [f"{name}: {text}" for name, texts in all_problems().items() for text in texts]
    sys.stdout.write("".join(f"{text}\n" for text in found))
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
