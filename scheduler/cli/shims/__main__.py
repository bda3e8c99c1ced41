"""Run as `python -m scheduler.cli.shims LAUNCHER WORDS…`: the launcher's name is the program."""

from __future__ import annotations

import os
import sys

from scheduler.cli.shims.programs import run

if __name__ == "__main__":
    # gRPC's core writes its own warnings to standard error unless it is told before it is loaded.
    os.environ.setdefault("GRPC_VERBOSITY", "NONE")
    sys.exit(run(sys.argv[1], sys.argv[2:], os.environ))
