"""The Python client, sync and async, against a real gRPC server that gives canned answers."""
