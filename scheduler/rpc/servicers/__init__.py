"""One servicer per service: convert, ask the use case, convert back."""
