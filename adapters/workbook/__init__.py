"""One workbook for those who live in spreadsheets: its rules as cell hints, judged whole, recorded by changes."""
