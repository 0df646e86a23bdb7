"""Runnable examples, on invented and on real histories."""
