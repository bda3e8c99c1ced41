"""Protobuf messages to domain types and back: pure, one module per service."""
