"""The gRPC face of the service: the only home of gRPC servers and of protobuf messages."""
