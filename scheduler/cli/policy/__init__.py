"""`tendik policy`: files, forecasts, proposals, and the stages by which they come into force."""
