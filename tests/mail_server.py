"""A mail server on this machine, which takes mails and keeps them, or answers as it is told."""

from __future__ import annotations

import socketserver
import threading
import time
from collections.abc import Callable
from email import message_from_bytes
from email.message import Message
from email.policy import default
from typing import Any


class MailServer:
    """`mails` are those taken. `answer(command)` may give an answer in place of the usual one."""

    def __init__(self) -> None:
        self.mails: list[Message] = []
        self.connections = 0
        self.pause = 0.0  # before a mail is taken, and again before that is said
        self.answer: Callable[[str], str] = lambda command: ""

    def __enter__(self) -> MailServer:
        outer = self

        class Conversation(socketserver.StreamRequestHandler):
            def handle(self) -> None:
                outer._talk(self)

        class Server(socketserver.ThreadingTCPServer):
            allow_reuse_address = daemon_threads = True

            def handle_error(self, *_args: Any) -> None:
                """Whoever sends may be killed in the middle of a word."""

        self.server = Server(("127.0.0.1", 0), Conversation)
        self.port = self.server.server_address[1]
        threading.Thread(target=self.server.serve_forever, args=(0.05,), daemon=True).start()
        return self

    def __exit__(self, *_error: object) -> None:
        self.server.shutdown()
        self.server.server_close()

    @property
    def ids(self) -> list[str]:
        return [mail["Message-ID"] for mail in list(self.mails)]

    def _talk(self, there: socketserver.StreamRequestHandler) -> None:
        def say(line: str) -> None:
            there.wfile.write(f"{line}\r\n".encode())

        self.connections += 1
        say("220 ready")
        while line := there.rfile.readline():
            command = line.decode().strip()
            if own := self.answer(command):
                say(own)
            elif command.upper() == "DATA":
                say("354 go on")
                lines = []
                while (part := there.rfile.readline()) not in (b".\r\n", b""):
                    lines.append(part.removeprefix(b"."))
                if not part:
                    return
                time.sleep(self.pause)
                self.mails.append(message_from_bytes(b"".join(lines), policy=default))
                time.sleep(self.pause)
                say("250 taken")
            elif command.upper() == "QUIT":
                say("221 bye")
                return
            else:
                say("250 well")
