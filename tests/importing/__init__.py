"""Histories of others, imported by a declared mapping."""
