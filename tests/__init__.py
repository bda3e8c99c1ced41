"""Tests; they mirror the packages, and `build` makes the things they speak of."""

from __future__ import annotations

import os

# As the agent has it (scheduler/agent/__main__.py): the contract tests start Slurm's programs as
# other users beside gRPC, whose handlers would run in each fork and write into sbatch's errors.
os.environ["GRPC_ENABLE_FORK_SUPPORT"] = "0"
