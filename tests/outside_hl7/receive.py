"""Servers of the Python library hl7 in place of the lab's alarm manager and health record.

receive.py CERTIFICATES NAME=FILE|NAME=- ...

For each NAME a server: under TLS with FILE.pem and FILE-key.pem of the directory CERTIFICATES, in clear for `-`. Says
`NAME PORT` for each, then every message that comes, as a line of JSON, and answers it. The first message of each server is not answered: its
connection is closed, so that the lab has to say it again.
"""

import asyncio
import json
import os
import socket
import ssl
import sys

import hl7
from hl7.mllp import start_hl7_server


def say(what):
    print(what, flush=True)


def read(message):
    """What the library's parser finds in a message."""
    msh = message.segment("MSH")
    rows = [s for s in message if str(s[0]) == "OBX"]
    values = {str(r(3)).split("^")[1]: str(r(5)) for r in rows}
    devices = [str(r(18)) for r in rows if len(r) > 18 and str(r(18))]
    return {
        "kind": str(msh(9)),
        "sender": str(msh(4)),
        "number": str(msh(10)),
        "values": values,
        "pump": devices[0] if devices else "",
        "text": str(message),
    }


async def context(directory, name):
    certificate = os.path.join(directory, name + ".pem")
    key = os.path.join(directory, name + "-key.pem")
    while not (os.path.exists(certificate) and os.path.exists(key)):
        await asyncio.sleep(0.05)
    # Written in one go, but not in one moment.
    await asyncio.sleep(0.2)
    tls = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    tls.load_cert_chain(certificate, key)
    return tls


async def serve(directory, name, own, listener):
    cut = False

    async def taken(reader, writer):
        nonlocal cut
        while True:
            try:
                message = await reader.readmessage()
            except (asyncio.IncompleteReadError, ConnectionError):
                return
            tls = writer.get_extra_info("cipher") is not None
            say(json.dumps({"to": name, "tls": tls, **read(message)}))
            if not cut:
                cut = True
                writer.close()
                return
            writer.writemessage(message.create_ack())
            await writer.drain()

    tls = None if own == "-" else await context(directory, own)
    server = await start_hl7_server(taken, sock=listener, ssl=tls, encoding="utf-8")
    async with server:
        await server.serve_forever()


async def main():
    directory, *wanted = sys.argv[1:]
    servers = []
    for one in wanted:
        name, own = one.split("=")
        listener = socket.create_server(("127.0.0.1", 0))
        say(f"{name} {listener.getsockname()[1]}")
        servers.append(serve(directory, name, own, listener))
    await asyncio.gather(*servers)


asyncio.run(main())
