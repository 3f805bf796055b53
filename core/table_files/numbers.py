"""Numbers in the cells of a table: which notation a column is in, and the value of a cell. Pure.

12,345 may be twelve thousand or twelve and a bit. One cell cannot tell; the column can, where one of its cells fits
only one notation. Indian and western grouping, thin spaces, currency signs, units and lakhs are read in both.
"""

import re
from decimal import Decimal
from enum import StrEnum
from typing import NamedTuple


class Notation(StrEnum):
    POINT = "point"  # 1,23,456.78
    COMMA = "comma"  # 123.456,78


class NumberError(ValueError):
    """The cell is no number in the column's notation; the message says what is expected."""


class NumberText(NamedTuple):
    """A cell cut in its parts: digits with their separators, the unit behind, and the multiplier of a word."""

    digits: str
    unit: str
    scale: Decimal


POINT = re.compile(r"[+-]?(?:\d+|[1-9]\d{0,2}(?:,\d{2,3})*,\d{3})(?:\.\d*)?|[+-]?\.\d+")
COMMA = re.compile(r"[+-]?(?:\d+|[1-9]\d{0,2}(?:\.\d{3})+)(?:,\d*)?|[+-]?,\d+")
SIMPLE = re.compile(r"[+-]?(\d{1,30})(?:([.,])(\d{1,25}))?")  # nearly every cell; what follows is for the others
PARTS = re.compile(
    r"(?P<currency>₹|rs\.?|inr)?\s*(?P<sign>[+-]?)\s*(?P<currency_2>₹|rs\.?|inr)?\s*"
    r"(?P<digits>(?:\d[\d.,' ]*|[.,]\d+))(?P<exponent>e[+-]?\d{1,3}(?![\w.]))?(?P<behind>.*)",
    re.IGNORECASE,
)
SPACED = re.compile(r"[+-]?\d{1,3}(?:[ ']\d{2,3})*[ ']\d{3}(?:[.,]\d*)?")
SPACES = str.maketrans({"\u00a0": " ", "\u2009": " ", "\u202f": " ", "\u2007": " ", "\u2019": "'", "\u2212": "-"})
LAKH, CRORE = Decimal(100_000), Decimal(10_000_000)
MULTIPLIERS = dict.fromkeys(("lakh", "lakhs", "lac", "lacs"), LAKH) | dict.fromkeys(("crore", "crores", "cr"), CRORE)
MAX_LENGTH = 60  # characters; a longer cell is a text
DECIMAL_SIGNS = {Notation.POINT: ".", Notation.COMMA: ","}
EXAMPLES = {Notation.POINT: "1,23,456.50 or 123456.50", Notation.COMMA: "123.456,50 or 123456,50"}


def split_number(text: str) -> NumberText | None:
    """“₹ 1,23,456.50”, “32.5 kW”, “(12.5)”, “3.2 lakh” → their parts; None for what is no number with a unit."""
    cleaned = text.translate(SPACES).strip()
    if not cleaned or len(cleaned) > MAX_LENGTH or not any(map(str.isdigit, cleaned)) or not cleaned.isprintable():
        return None
    is_bracketed = cleaned.startswith("(") and cleaned.endswith(")")
    match = PARTS.fullmatch(cleaned[1:-1].strip() if is_bracketed else cleaned)
    if match is None:
        return None
    digits, behind = match["digits"].rstrip(" '"), match["behind"].strip().removesuffix("/-").strip()
    if re.search(r"[ ']", digits):
        if not SPACED.fullmatch(digits):
            return None
        digits = re.sub(r"[ ']", "", digits)
    if behind in ("-", "+"):  # SAP writes the sign behind the figure
        match_sign, behind = behind, ""
    else:
        match_sign = match["sign"]
    if re.search(r"\d", behind.replace("m3", "").replace("m2", "")) or behind[:1] in (":", "-", "/", "_"):
        return None  # a date, a time, a code
    word, _, rest = behind.partition(" ")
    scale = MULTIPLIERS.get(word.lower().rstrip("."), None)
    unit = behind if scale is None else rest.strip()
    sign = "-" if is_bracketed else match_sign.replace("+", "")
    digits = digits + (match["exponent"] or "")
    return NumberText(sign + digits, unit, Decimal(1) if scale is None else scale)


def mantissa(digits: str) -> str:
    return re.split("[eE]", digits)[0]


def fits(digits: str, notation: Notation) -> bool:
    return bool((POINT if notation == Notation.POINT else COMMA).fullmatch(mantissa(digits)))


def value_of(digits: str, notation: Notation) -> Decimal:
    """The value of digits that fit the notation."""
    if notation == Notation.POINT:
        return Decimal(digits.replace(",", ""))
    return Decimal(digits.replace(".", "").replace(",", "."))


def parse_cell(text: str, notation: Notation) -> tuple[Decimal, str] | None:
    """(value, unit) of a cell in the column's notation; None for a blank one. Raises NumberError."""
    if not text.strip():
        return None
    if (simple := SIMPLE.fullmatch(text)) and simple[2] in (None, DECIMAL_SIGNS[notation]):
        return Decimal(text.replace(",", ".")), ""
    parts = split_number(text)
    if parts is None or not fits(parts.digits, notation):
        raise NumberError(f"Write the figure as {EXAMPLES[notation]}.")
    return value_of(parts.digits, notation) * parts.scale, parts.unit


def is_group(whole: str, behind: str) -> bool:
    """Whether a separator between these digits may group them: 12,345."""
    return len(behind) == 3 and len(whole) <= 3 and not whole.startswith("0")


class Sighting(NamedTuple):
    line: int
    text: str


class NumberColumn:
    """What the cells of one column say about its notation, cell by cell; its memory does not grow."""

    def __init__(self) -> None:
        self.only: dict[Notation, Sighting] = {}  # the first cell that fits this notation alone
        self.either: Sighting | None = None  # 12,345: it fits both, with different values
        self.dotted: Sighting | None = None  # 12.345: likewise, but a decimal point is the usual reading
        self.numbers = self.texts = 0

    def add(self, line: int, text: str) -> None:
        if text.isdigit():
            self.numbers += 1
            return
        if not text:
            return
        simple = SIMPLE.fullmatch(text)
        if simple and not (simple[2] and is_group(simple[1], simple[3])):
            self.numbers += 1
            if simple[2]:
                notation = Notation.POINT if simple[2] == "." else Notation.COMMA
                if notation not in self.only:
                    self.only[notation] = Sighting(line, text)
            return
        parts = split_number(text)
        digits = mantissa(parts.digits) if parts else ""
        point, comma = bool(POINT.fullmatch(digits)), bool(COMMA.fullmatch(digits))
        if not (point or comma):
            self.texts += 1
            return
        self.numbers += 1
        if point and comma:
            self.add_ambiguous(line, text, digits)
        else:
            self.only.setdefault(Notation.POINT if point else Notation.COMMA, Sighting(line, text))

    def add_ambiguous(self, line: int, text: str, digits: str) -> None:
        if "," in digits:
            self.either = self.either or Sighting(line, text)
        elif "." in digits:
            self.dotted = self.dotted or Sighting(line, text)

    @property
    def is_contradictory(self) -> bool:
        return len(self.only) == 2

    def decided(self, delimiter: str, file_uses_point: bool) -> Notation | None:
        """The notation of the column, or None where a person has to say it.

        A file cut by commas has no decimal commas. `file_uses_point`: another column has a decimal point for certain,
        which settles 12.345 but not 12,345.
        """
        if len(self.only) == 1:
            return next(iter(self.only))
        if self.is_contradictory:
            return None
        if self.either is not None:
            return Notation.POINT if delimiter == "," else None
        if self.dotted is not None and delimiter != "," and not file_uses_point:
            return None
        return Notation.POINT

    @property
    def example(self) -> Sighting | None:
        return self.either or self.dotted

    def readings(self) -> list[tuple[Notation, str]]:
        """Both readings of an example, for a question: [(point, “12345: the comma groups digits”), …]."""
        example = self.example or self.only.get(Notation.COMMA) or next(iter(self.only.values()), None)
        parts = split_number(example.text) if example else None
        return [(notation, reading_of(parts, notation)) for notation in Notation]


def reading_of(parts: NumberText | None, notation: Notation) -> str:
    if parts is None:
        return EXAMPLES[notation]
    sign = "," if "," in parts.digits else "."
    word = "comma" if sign == "," else "point"
    if not fits(parts.digits, notation):
        return f"{parts.digits} is no number then"
    is_decimal = (notation == Notation.COMMA) == (sign == ",")
    return (
        f"{value_of(parts.digits, notation):f}: the {word} {'is the decimal sign' if is_decimal else 'groups digits'}"
    )
