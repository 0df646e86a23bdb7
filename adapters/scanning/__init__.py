"""The log as typed Parquet files, kept up to date in batches and scanned by DuckDB."""
