"""Generated from protos/scheduler/agent/v1; never edited by hand. `make protos` writes it anew."""
