"""The instruments that measure the promises are tested too."""
