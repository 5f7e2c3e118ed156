"""The engine: observe, decide what is wanted, send, and settle what became of it."""
