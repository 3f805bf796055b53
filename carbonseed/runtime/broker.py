"""Celery's file-system broker with atomic messages, for one machine without a message server.

kombu's own writes a message in place, so a worker could read half of one; here a message is renamed when complete.
"""

import os
import time
import uuid
from pathlib import Path

from kombu.transport import filesystem
from kombu.utils.json import dumps


class Channel(filesystem.Channel):
    def __init__(self, *arguments, **options) -> None:
        super().__init__(*arguments, **options)
        for folder in (self.data_folder_in, self.data_folder_out, self.control_folder):
            Path(folder).mkdir(parents=True, exist_ok=True)

    def _put(self, queue, payload, **kwargs):  # what kombu's virtual transports have every channel define
        name = f"{time.time_ns()}_{uuid.uuid4()}.{queue}.msg"
        unfinished = os.path.join(self.data_folder_out, f"{uuid.uuid4()}.unfinished")
        with open(unfinished, "w") as message:
            message.write(dumps(payload))
        os.rename(unfinished, os.path.join(self.data_folder_out, name))


class Transport(filesystem.Transport):
    Channel = Channel
