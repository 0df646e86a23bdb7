"""Write the workbook: a sheet per family, each rule beside its column, filled with what is known already."""

from collections.abc import Mapping, Sequence
from datetime import date
from pathlib import Path
from typing import Any

from openpyxl import Workbook
from openpyxl.comments import Comment
from openpyxl.styles import Alignment, Font, PatternFill
from openpyxl.utils import get_column_letter
from openpyxl.worksheet.datavalidation import DataValidation
from openpyxl.worksheet.worksheet import Worksheet

from adapters.workbook.sheets import ROWS_MAX, SHEETS, Column, Sheet
from domain.errors import Unreadable

Rows = Mapping[str, Sequence[Mapping[str, Any]]]
REQUIRED_FILL = PatternFill("solid", start_color="FFF3C4")
HEAD_FONT = Font(bold=True)
WIDTHS = {"text": 40, "pairs": 36, "parties": 24}
FORMATS = {"day": "yyyy-mm-dd", "id": "@", "text": "@"}


def write_workbook(path: Path, rows: Rows | None = None) -> None:
    """Write a workbook with all sheets, empty or filled. Refuse to write over a file."""
    if path.exists():
        raise Unreadable(f"{path}: is there already; choose another name, or move it away")
    book = Workbook()
    book.remove(book.worksheets[0])
    for sheet in SHEETS:
        _write(book.create_sheet(sheet.name), sheet, (rows or {}).get(sheet.name, ()))
    book.save(path)


def _write(page: Worksheet, sheet: Sheet, rows: Sequence[Mapping[str, Any]]) -> None:
    page.freeze_panes = "A2"
    for index, column in enumerate(sheet.columns, start=1):
        head = page.cell(row=1, column=index, value=column.word)
        head.font, head.alignment = HEAD_FONT, Alignment(vertical="top")
        head.comment = Comment(f"{sheet.hint}.\n{_rule(column)}", "cynosure", width=320, height=120)
        if column.required:
            head.fill = REQUIRED_FILL
        letter = get_column_letter(index)
        page.column_dimensions[letter].width = WIDTHS.get(column.kind, 16)
        page.add_data_validation(_validation(column, f"{letter}2:{letter}{ROWS_MAX}"))
    for number, row in enumerate(rows, start=2):
        for index, column in enumerate(sheet.columns, start=1):
            cell = page.cell(row=number, column=index, value=_value(row.get(column.word), column))
            cell.number_format = FORMATS.get(column.kind, "General")


def _rule(column: Column) -> str:
    choices = f" One of: {', '.join(column.choices)}." if column.choices else ""
    return f"{column.hint}.{choices}{' Must not be empty.' if column.required else ''}"


def _validation(column: Column, cells: str) -> DataValidation:
    rule: dict[str, Any] = {}
    if column.choices:
        rule = {"type": "list", "formula1": f'"{",".join(column.choices)}"', "showErrorMessage": True}
    elif column.kind == "party":
        rule = {"type": "list", "formula1": f"parties!$A$2:$A${ROWS_MAX}", "showErrorMessage": True}
    elif column.kind == "whole":
        rule = {"type": "whole", "operator": "greaterThanOrEqual", "formula1": "0", "showErrorMessage": True}
    validation = DataValidation(**rule, allow_blank=not column.required, showInputMessage=True)
    validation.promptTitle, validation.prompt = column.word, _rule(column)[:250]
    validation.add(cells)
    return validation


def _value(value: Any, column: Column) -> Any:
    if column.kind == "day" and isinstance(value, str):
        return date.fromisoformat(value)
    if column.kind == "pairs" and isinstance(value, Mapping):
        return "; ".join(f"{party}={owner}" for party, owner in value.items())
    if isinstance(value, list | tuple):
        return "; ".join(map(str, value))
    return value
