"""A file's bytes in the database, in pieces: written as they come, read back as a stream, never whole in memory."""

import hashlib
import io

from telemetry.models import DayFile, DayFileChunk

CHUNK_BYTES = 1024 * 1024


class ChunkReader(io.RawIOBase):
    """The kept bytes of `day_file`; `tell()` says how many have been read."""

    def __init__(self, day_file):
        self.rows = DayFileChunk.objects.filter(day_file=day_file).values_list("content", flat=True)
        self.number, self.taken, self.piece = 0, 0, memoryview(b"")

    def readable(self):
        return True

    def tell(self):
        return self.taken

    def readinto(self, target):
        if not self.piece:
            self.piece = memoryview(bytes(self.rows.filter(number=self.number).first() or b""))
            self.number += 1
        count = min(len(target), len(self.piece))
        target[:count], self.piece = self.piece[:count], self.piece[count:]
        self.taken += count
        return count


def save_chunks(day_file: DayFile, chunks):
    """Write the chunks of an upload → (bytes, SHA-256)."""
    digest, size = hashlib.sha256(), 0
    for number, content in enumerate(chunks):
        digest.update(content)
        size += len(content)
        DayFileChunk.objects.create(day_file=day_file, number=number, content=content)
    return size, digest.hexdigest()


def open_chunks(day_file):
    return io.BufferedReader(ChunkReader(day_file))
