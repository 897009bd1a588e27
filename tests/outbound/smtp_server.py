#!/usr/bin/python3
"""A mail server that wants STARTTLS and a password, and misbehaves on demand.

smtp_server.py CERT KEY USER PASSWORD: prints {"port", "control"} when it listens; ends with its
standard input. Modes: ok; greylist (451 to every recipient); unknown (550 to every recipient); hang
(no answer to RCPT for 30 s); full (452 after the text); "554 ..." (the greeting, after which the line
is cut); "MAIL 553 ...", "RCPT 554 ...", "TEXT 550 ...": the answer to that.
"""
import asyncio
import json
import ssl
import sys

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import AuthResult, SMTP

from control import Stage, serve_control

stage = Stage()
cert, key, user, password = sys.argv[1:5]


def said_to(step):
    """What the mode answers to this step, or None."""
    word, _, reply = stage.mode.partition(" ")
    return reply if word == step else None


class Greeter(SMTP):
    """One that may greet with a refusal."""

    async def push(self, status):
        if stage.mode.startswith("5") and isinstance(status, str) and status.startswith("220 ") and not self.session.host_name:
            await super().push(stage.mode)
            self.transport.close()
        else:
            await super().push(status)


class Handler:
    async def handle_MAIL(self, server, session, envelope, address, options):
        if said_to("MAIL"):
            return said_to("MAIL")
        envelope.mail_from = address
        return "250 OK"

    async def handle_RCPT(self, server, session, envelope, address, options):
        if said_to("RCPT"):
            return said_to("RCPT")
        if stage.mode == "greylist":
            return "451 4.7.1 Greylisted, come again"
        if stage.mode == "unknown":
            return "550 5.1.1 No such user"
        if stage.mode == "hang":
            await asyncio.sleep(30)
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, server, session, envelope):
        if said_to("TEXT"):
            return said_to("TEXT")
        if stage.mode == "full":
            return "452 4.3.1 Mailbox full"
        stage.record({
            "from": envelope.mail_from,
            "to": envelope.rcpt_tos,
            "tls": session.ssl is not None,
            "user": session.auth_data,
            "content": envelope.original_content.decode(),
        })
        return "250 OK"


def check_password(server, session, envelope, mechanism, data):
    right = data.login == user.encode() and data.password == password.encode()
    # handled=False makes the library answer 535 itself; without it the client would wait for ever
    return AuthResult(success=right, handled=False, auth_data=user if right else None)


class Server(Controller):
    def _trigger_server(self):
        self.port = self.server.sockets[0].getsockname()[1]  # start() knocks there
        super()._trigger_server()

    def factory(self):
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(cert, key)
        return Greeter(Handler(), tls_context=context, require_starttls=True, auth_required=True,
                       authenticator=check_password, enable_SMTPUTF8=False, decode_data=False)


server = Server(Handler(), hostname="127.0.0.1", port=0)
server.start()
print(json.dumps({"port": server.port, "control": serve_control(stage)}), flush=True)
sys.stdin.read()
