"""Guard against formula injection (CWE-1236): text cells that a spreadsheet would evaluate are quoted. Pure."""

FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r")


def escape_formula(text: str) -> str:
    """Prefix with an apostrophe what a spreadsheet program would take for a formula."""
    return f"'{text}" if text.startswith(FORMULA_STARTS) else text


def unescape_formula(text: str) -> str:
    """Undo `escape_formula`, for files that are imported again."""
    return text[1:] if text.startswith("'") and text[1:].startswith(FORMULA_STARTS) else text
