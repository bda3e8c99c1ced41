"""The command line against a real gRPC server that gives canned answers."""
