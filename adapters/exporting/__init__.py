"""Export: the events of an alliance in the formats that other tools read: XES, OCEL 2.0, Parquet and CSV."""
