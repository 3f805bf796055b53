"""The ledger of factors: dated, cited rows from data files, looked up for a day, never changed."""
