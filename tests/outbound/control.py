"""What both stand-ins share: a mode to switch and a record to read, over HTTP on a port of its own."""
import http.server
import json
import threading


class Stage:
    """mode: how the server behaves from now on; received: what reached it, in order."""

    def __init__(self):
        self.mode = "ok"
        self.received = []
        self.changed = threading.Condition()

    def record(self, entry):
        with self.changed:
            self.received.append(entry)
            self.changed.notify_all()

    def switch(self, mode):
        with self.changed:
            self.mode = mode
            self.changed.notify_all()

    def hold(self, seconds):
        """Waits as long as the mode stays what it is."""
        with self.changed:
            mode = self.mode
            self.changed.wait_for(lambda: self.mode != mode, seconds)


def serve_control(stage):
    """GET / answers {"mode", "received"}; PUT / takes a mode. Returns the port."""

    class Control(http.server.BaseHTTPRequestHandler):
        def answer(self):
            with stage.changed:
                body = json.dumps({"mode": stage.mode, "received": stage.received}).encode()
            self.send_response(200)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def do_GET(self):
            self.answer()

        def do_PUT(self):
            length = int(self.headers["Content-Length"])
            stage.switch(self.rfile.read(length).decode())
            self.answer()

        def log_message(self, *_):
            pass

    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Control)
    server.daemon_threads = True
    threading.Thread(target=server.serve_forever, daemon=True).start()
    return server.server_address[1]
