"""The use cases behind the gRPC face."""
