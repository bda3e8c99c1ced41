"""Load and benchmarks: real gRPC against a real service, limits with their reasons."""
