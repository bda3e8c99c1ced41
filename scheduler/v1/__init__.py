"""Generated from protos/scheduler/v1; never edited by hand. `make protos` writes it anew."""
