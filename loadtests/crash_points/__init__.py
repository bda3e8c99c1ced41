"""The service dies at every commit and every call, and the next life goes on."""
