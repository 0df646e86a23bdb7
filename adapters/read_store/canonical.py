"""Keys and rows as the text they are stored and compared as: canonical JSON, fields sorted, no spaces."""

from typing import Any

import msgspec

from projections.projection import Key

EVERY_ROW = "\x00"
"""The second part of a key that stands for every row of an alliance; no printable part of a real key is like it."""

_encode = msgspec.json.encode
_key_of = msgspec.json.Decoder(tuple[str, ...]).decode
_canonical = msgspec.json.Encoder(order="sorted").encode


def key_text(key: Key) -> str:
    """Return a key as the canonical JSON array of its parts."""
    return _encode(key).decode()


def key_of(text: str) -> Key:
    """Return the key that a text stands for."""
    return _key_of(text)


def every_row_of(alliance: str) -> Key:
    """Return the key under which a whole alliance is parked."""
    return (alliance, EVERY_ROW)


def key_range(alliance: str) -> tuple[str, str, str]:
    """Return the key of the alliance alone, and between which two texts (the second excluded) its longer keys lie."""
    opened = key_text((alliance,))[:-1]
    return f"{opened}]", f"{opened},", f"{opened}-"  # in bytes, `-` follows `,`


class RowText:
    """Turns the rows of one read model into text, and back."""

    def __init__(self, row: type[Any]) -> None:
        self._row_of = msgspec.json.Decoder(row).decode

    def text(self, row: Any) -> str:
        """Return a row as canonical JSON."""
        return _canonical(row).decode()

    def row(self, text: str) -> Any:
        """Return the row that a text stands for. Raise msgspec.ValidationError where it is of another shape."""
        return self._row_of(text)
