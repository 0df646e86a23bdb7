"""Benchmarks: what the engine does in a second, beside floors and peers that do the same."""
