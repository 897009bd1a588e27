#!/usr/bin/python3
"""A provider's SMS gateway: takes any GET or POST and misbehaves on demand.

gateway.py [CERT KEY]: prints {"port", "control"} when it listens; ends with its standard input.
Modes: ok; a status such as 500 or 403; hang (no answer for 30 s); reset (takes the message, cuts
the line); late (answers after 3 s); redirect.
"""
import http.server
import json
import socket
import ssl
import struct
import sys
import threading
import urllib.parse

from control import Stage, serve_control

stage = Stage()


class Gateway(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def take(self):
        url = urllib.parse.urlsplit(self.path)
        length = int(self.headers.get("Content-Length") or 0)
        mode = stage.mode
        stage.record({
            "method": self.command,
            "path": url.path,
            "query": dict(urllib.parse.parse_qsl(url.query)),
            "headers": {name.lower(): value for name, value in self.headers.items()},
            "body": self.rfile.read(length).decode(),
            "mode": mode,
        })
        if mode == "reset":
            self.cut()
        elif mode == "hang":
            stage.hold(30)
            self.cut()
        else:
            if mode == "late":
                stage.hold(3)
            self.reply(int(mode) if mode.isdigit() else 302 if mode == "redirect" else 202)

    do_GET = do_POST = take

    def reply(self, status):
        body = b"0: Accepted for delivery" if status == 202 else b"no"
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
