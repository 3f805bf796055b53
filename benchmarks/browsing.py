"""A signed-in person's requests, one after the other on one connection."""

import http.client
from urllib.parse import urlencode


class Browser:
    def __init__(self, service, cookie):
        self.connection = http.client.HTTPConnection("127.0.0.1", service.port, timeout=600)
        self.headers = {"Cookie": cookie, "Accept": "*/*"}

    def open(self, path, **query):
        """The answer, its body not yet read. Raises unless it is a 200."""
        self.connection.request("GET", f"{path}?{urlencode(query)}" if query else path, headers=self.headers)
        answer = self.connection.getresponse()
        if answer.status != 200:
            raise RuntimeError(f"{path} answered {answer.status}: {answer.read()[:300]!r}")
        return answer

    def get(self, path, **query) -> bytes:
        return self.open(path, **query).read()
