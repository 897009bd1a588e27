#!/usr/bin/python3
"""A provider's SMS gateway: takes any GET, POST or PUT and misbehaves on demand.

gateway.py [CERT KEY]: prints {"port", "control"} when it listens; ends with its standard input.
Modes: ok; a status such as 500 or 403; refused (status 200, but the answer says no); hang (takes the
message, no answer for 30 s); reset (takes it, cuts the line); late (answers after 3 s); twice
(answers two times); redirect. "500:7": every seventh request only, the others as in ok.
"""
import http.server
import itertools
import json
import socket
import ssl
import struct
import sys
import threading
import time
import urllib.parse

from control import Stage, serve_control

stage = Stage()
requests = itertools.count(1)


def mode_of(number):
    """What the request of this number meets."""
    mode, _, every = stage.mode.partition(":")
    return mode if not every or number % int(every) == 0 else "ok"


class Gateway(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def take(self):
        url = urllib.parse.urlsplit(self.path)
        length = int(self.headers.get("Content-Length") or 0)
        number = next(requests)
        mode = mode_of(number)
        self.message_id = "SM%032x" % number
        stage.record({
            "method": self.command,
            "path": url.path,
            "query": dict(urllib.parse.parse_qsl(url.query)),
            "headers": {name.lower(): value for name, value in self.headers.items()},
            "body": self.rfile.read(length).decode(),
            "mode": mode,
            "message_id": self.message_id,
            "at": time.time(),
        })
        if mode == "reset":
            self.cut()
        elif mode == "hang":
            stage.hold(30)
            self.cut()
        else:
            if mode == "late":
                stage.hold(3)
            for _ in range(2 if mode == "twice" else 1):
                self.reply(int(mode) if mode.isdigit() else 302 if mode == "redirect" else 202, mode)

    do_GET = do_POST = do_PUT = take

    def reply(self, status, mode):
        said = {"status": "rejected" if mode == "refused" else "queued", "message_id": self.message_id}
        if status == 202 and self.path.endswith("Messages.json") and mode != "refused":
            said = {"sid": self.message_id}
        body = json.dumps(said).encode() if status == 202 else b"no"
        self.send_response(status)
        if status == 302:
            self.send_header("Location", "/elsewhere")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def cut(self):
        self.close_connection = True
        linger = struct.pack("ii", 1, 0)  # a reset, not a polite end
        self.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, linger)
        self.connection.close()

    def log_message(self, *_):
        pass


def main():
    http.server.ThreadingHTTPServer.request_queue_size = 128
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Gateway)
    server.daemon_threads = True
    if len(sys.argv) == 3:
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(sys.argv[1], sys.argv[2])
        server.socket = context.wrap_socket(server.socket, server_side=True)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    print(json.dumps({"port": server.server_address[1], "control": serve_control(stage)}), flush=True)
    sys.stdin.read()


main()
