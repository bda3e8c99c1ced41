"""`python -m scheduler.agent`: prepares the process for gRPC beside forks, then is the agent."""

from __future__ import annotations

import os
from importlib import import_module

# Read when gRPC is loaded. Its handlers would run in each fork that becomes a user for sbatch, and
# where another thread is calling into gRPC meanwhile, that child crashes.
os.environ["GRPC_ENABLE_FORK_SUPPORT"] = "0"

if __name__ == "__main__":
    import_module("scheduler.agent.main").run()
