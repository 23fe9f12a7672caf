"""One end of a connection with TLS: it does what a script says, and writes down what its protocol is told.

tls.py serve CERTIFICATE KEY SCRIPT    prints its port first
tls.py connect AUTHORITY PORT SCRIPT

At the end it prints its trace.
"""

import asyncio
import json
import re
import ssl
import sys


def in_words(error):
    if error is None:
        return "lost"
    text = str(error.args[-1]) if error.args else ""
    return f"lost {type(error).__name__}: {re.sub(r' .(_ssl.c:[0-9]+.)', '', text)}".strip(": ")


class End(asyncio.Protocol):
    def __init__(self, script):
        self.script = script
        self.trace = []
        self.received = 0
        self.over = asyncio.Event()
        self.transport = None

    def connection_made(self, transport):
        self.trace.append("made")
        self.transport = transport
        self.task = asyncio.ensure_future(self.play())

    def data_received(self, data):
        self.received += len(data)
        if self.script.get("echoes"):
            self.transport.write(data)

    def eof_received(self):
        self.trace.append("eof")
        return self.script.get("keepsOpen")

    def connection_lost(self, error):
        self.trace += [in_words(error), f"received {self.received}"]
        self.over.set()

    async def play(self):
        for step, argument in self.script["steps"]:
            if step == "write":
                self.transport.write(bytes(argument))
            elif step == "until":
                while self.received < argument:
                    await asyncio.sleep(0.002)
            elif step == "sleep":
                await asyncio.sleep(argument)
            elif step == "startTls":
                self.transport = await asyncio.get_running_loop().start_tls(
                    self.transport, self, self.context, **self.tls
                )
            elif step == "tell":
                self.trace.append(self.tell(argument))
            elif step == "pause":
                self.transport.pause_reading()
            elif step == "resume":
                self.transport.resume_reading()
            else:
                getattr(self.transport, step)()

    def tell(self, name):
        info = self.transport.get_extra_info
        if name == "session":
            chosen = info("ssl_object").selected_alpn_protocol()
            return [info("ssl_object").version(), info("cipher")[1], info("cipher")[2] in (128, 256), info("compression"), chosen]
        if name == "peercert":
            known = ("subject", "issuer", "serialNumber", "notBefore", "notAfter", "subjectAltName")
            certificate = info("peercert")
            return certificate and [[key, certificate[key]] for key in known]
        return [self.transport.can_write_eof(), self.transport.get_write_buffer_limits()]


async def serve(certificate, key, script):
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    context.load_cert_chain(certificate, key)
    configure(context, script)
    end = End(script)
    end.context, end.tls = context, {"server_side": True}
    plain = script.get("plain")
    server = await asyncio.get_running_loop().create_server(
        lambda: end, "127.0.0.1", 0, ssl=None if plain else context, **timeouts(script, plain)
    )
    print(server.sockets[0].getsockname()[1], flush=True)
    await end.over.wait()
    server.close()
    return end.trace


async def connect(authority, port, script):
    context = ssl.create_default_context(cafile=authority)
    configure(context, script)
    end = End(script)
    name = script.get("name", "localhost")
    end.context, end.tls = context, {"server_hostname": name}
    plain = script.get("plain")
    options = {} if plain else {"ssl": context, "server_hostname": name, **timeouts(script, plain)}
    try:
        await asyncio.get_running_loop().create_connection(lambda: end, "127.0.0.1", int(port), **options)
    except Exception as error:
        return [*end.trace, f"failed {type(error).__name__}"]
    await end.over.wait()
    return end.trace


def configure(context, script):
    if "alpn" in script:
        context.set_alpn_protocols(script["alpn"])
    if "newest" in script:
        context.maximum_version = ssl.TLSVersion.TLSv1_2


def timeouts(script, plain):
    if plain or "shutdownTimeout" not in script:
        return {}
    return {"ssl_shutdown_timeout": script["shutdownTimeout"]}


role, first, second, text = sys.argv[1:]
print(json.dumps(asyncio.run({"serve": serve, "connect": connect}[role](first, second, json.loads(text)))))
