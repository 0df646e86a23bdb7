"""Alignment: what the parties hold in common, in which version, and since when."""
