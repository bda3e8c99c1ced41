"""What `tendik policy simulate` does on the machine where it is called, without the service."""
