"""A file's bytes in the database, in chunks: written and read as a stream, never whole in memory."""

import hashlib
import io

from telemetry.models import DayFile, DayFileChunk

CHUNK_BYTES = 1024 * 1024


class ChunkReader(io.RawIOBase):
    """The stored bytes of `day_file` as a raw stream; `tell()` is the number of bytes read."""

    def __init__(self, day_file):
        self.rows = DayFileChunk.objects.filter(day_file=day_file).values_list("content", flat=True)
        self.number, self.position, self.chunk = 0, 0, memoryview(b"")

    def readable(self) -> bool:
        return True

    def tell(self) -> int:
        return self.position

    def readinto(self, target) -> int:
        if not self.chunk:
            self.chunk = memoryview(bytes(self.rows.filter(number=self.number).first() or b""))
            self.number += 1
        count = min(len(target), len(self.chunk))
        target[:count], self.chunk = self.chunk[:count], self.chunk[count:]
        self.position += count
        return count


def save_chunks(day_file: DayFile, chunks) -> tuple[int, str]:
    """Write the chunks of an upload → (bytes, SHA-256)."""
    digest, size = hashlib.sha256(), 0
    for number, content in enumerate(chunks):
        digest.update(content)
        size += len(content)
        DayFileChunk.objects.create(day_file=day_file, number=number, content=content)
    return size, digest.hexdigest()


def open_chunks(day_file) -> io.BufferedReader:
    return io.BufferedReader(ChunkReader(day_file))
