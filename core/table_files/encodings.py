"""Bytes of a text table → text: UTF-8, UTF-16 as Excel's “Unicode text” is, or Windows-1252. Pure."""

import codecs
import io
from typing import BinaryIO

UTF_16 = {codecs.BOM_UTF16_LE: "utf-16-le", codecs.BOM_UTF16_BE: "utf-16-be"}
BLOCK_BYTES = 64 * 1024


def detect_utf_16(start: bytes) -> str:
    """“utf-16-le”, “utf-16-be” or "": by the byte order mark, or by zeros in every other byte of the first line."""
    if start[:2] in UTF_16:
        return UTF_16[start[:2]]
    pairs = start[: len(start) // 2 * 2][:200]
    if len(pairs) < 8:
        return ""
    for encoding, zeros, letters in (("utf-16-le", pairs[1::2], pairs[0::2]), ("utf-16-be", pairs[0::2], pairs[1::2])):
        if not any(zeros) and all(letters):
            return encoding
    return ""


def decode_text(content: bytes) -> str:
    """The text of a whole file; what is not UTF-8 is Windows-1252."""
    encoding = detect_utf_16(content)
    if encoding:
        return content.decode(encoding, "replace").removeprefix("\ufeff")
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError:
        return content.decode("cp1252", "replace")


class Utf8Stream(io.RawIOBase):
    """A UTF-16 stream as UTF-8, block by block."""

    def __init__(self, stream: BinaryIO, encoding: str) -> None:
        self.stream, self.decoder, self.buffer = stream, codecs.getincrementaldecoder(encoding)("replace"), b""
        self.is_at_start = True

    def readable(self) -> bool:
        return True

    def readinto(self, target) -> int:  # type: ignore[no-untyped-def]  # any writable buffer
        while not self.buffer:
            block = self.stream.read(BLOCK_BYTES)
            text = self.decoder.decode(block, final=not block)
            if self.is_at_start and text:
                text, self.is_at_start = text.removeprefix("\ufeff"), False
            self.buffer = text.encode("utf-8", "replace")
            if not block:
                break
        count = min(len(target), len(self.buffer))
        target[:count], self.buffer = self.buffer[:count], self.buffer[count:]
        return count


def as_utf_8(stream: BinaryIO, encoding: str) -> io.BufferedReader:
    return io.BufferedReader(Utf8Stream(stream, encoding))
