"""The input of a calculation and the case for its validation rules, built from one tree of dicts.

Facts under the key VALIDATION_ONLY are not part of the calculation file; only the rules see them.
"""

import msgspec

VALIDATION_ONLY = "besides"
ENCODER = msgspec.json.Encoder(decimal_format="number")


def as_file(node):
    """The part that `manage.py calculate` reads."""
    if isinstance(node, dict):
        return {key: as_file(value) for key, value in node.items() if key != VALIDATION_ONLY and value is not None}
    return [as_file(entry) for entry in node] if isinstance(node, list) else node


def as_case(node):
    """The full case for the rules, VALIDATION_ONLY merged in."""
    if isinstance(node, dict):
        whole = {
            **{key: value for key, value in node.items() if key != VALIDATION_ONLY},
            **node.get(VALIDATION_ONLY, {}),
        }
        return {key: as_case(value) for key, value in whole.items() if value is not None}
    return [as_case(entry) for entry in node] if isinstance(node, list) else node


def frozen(node) -> dict:
    """{file, case} as JSON texts, to keep all digits: numbers in frozen JSON would become floats."""
    return {"file": text_of(as_file(node)), "case": text_of(as_case(node))}


def text_of(node) -> str:
    return ENCODER.encode(node).decode()
