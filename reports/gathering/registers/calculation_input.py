"""A case for the calculations: a file they read strictly, what the rules want to know besides, and where each stands.

Rows are plain dicts; what a calculation file does not know stands under BESIDES and only the rules see it.
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
    """Everything, for the rules."""
    if isinstance(node, dict):
        whole = {
            **{key: value for key, value in node.items() if key != VALIDATION_ONLY},
            **node.get(VALIDATION_ONLY, {}),
        }
        return {key: as_case(value) for key, value in whole.items() if value is not None}
    return [as_case(entry) for entry in node] if isinstance(node, list) else node


def frozen(node) -> dict:
    """{file, case} as JSON texts with every digit: a text is frozen as it stands, a number would become a float."""
    return {"file": text_of(as_file(node)), "case": text_of(as_case(node))}


def text_of(node) -> str:
    return ENCODER.encode(node).decode()
