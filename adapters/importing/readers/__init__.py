"""Readers: a file of rows, of whatever format, as the values of the columns that a mapping reads."""

from adapters.importing.readers.opening import format_of, read_rows, sha256_of
from adapters.importing.readers.row import ReadRow

__all__ = ["ReadRow", "format_of", "read_rows", "sha256_of"]
