"""The promises of docs/fairness.md, held to generated worlds and to failures known elsewhere."""
