"""The gRPC face, spoken to over a real connection on loopback."""
