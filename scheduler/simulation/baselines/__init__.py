"""Other schedulers over the same workloads: plain, event-driven, on a cluster of one number."""
