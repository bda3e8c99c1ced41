"""What callers can ask of the service, with no transport in it."""
