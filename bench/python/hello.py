"""`hello.py SIDE`: a server that says hello, on uvicorn or aiohttp, over uvloop. Prints {"port": ...}."""

import json
import socket
import sys

import uvloop

uvloop.install()
listening = socket.socket()
listening.bind(("127.0.0.1", 0))
listening.listen(128)
print(json.dumps({"port": listening.getsockname()[1]}), flush=True)

if sys.argv[1] == "uvicorn":
    import uvicorn

    HEAD = {"type": "http.response.start", "status": 200, "headers": [(b"content-type", b"text/plain;charset=UTF-8")]}

    async def app(scope, receive, send):
        await send(HEAD)
        await send({"type": "http.response.body", "body": b"hello"})

    config = uvicorn.Config(app, log_level="error", access_log=False, lifespan="off", loop="uvloop")
    uvicorn.Server(config).run(sockets=[listening])
else:
    from aiohttp import web

    async def hello(request):
        return web.Response(text="hello")

    app = web.Application()
    app.router.add_get("/{path:.*}", hello)
    web.run_app(app, sock=listening, print=None, access_log=None)
