"""A pump that is none of the lab's: joins under a pump's name and raises an alarm, by the pump protocol.

pump.py PORT PUMP CERTIFICATES|-
"""

import json
import os
import socket
import ssl
import sys

port, name, directory = sys.argv[1:]
stream = socket.create_connection(("127.0.0.1", int(port)), timeout=20)
if directory != "-":
    authority = next(f for f in sorted(os.listdir(directory)) if f.startswith("ca-"))
    tls = ssl.create_default_context(cafile=os.path.join(directory, authority))
    tls.load_cert_chain(*[os.path.join(directory, name + end) for end in (".pem", "-key.pem")])
    stream = tls.wrap_socket(stream, server_hostname="pumpserver-a")


def say(message):
    body = json.dumps(message).encode()
    stream.sendall(len(body).to_bytes(4, "big") + body)


def take(length):
    data = b""
    while len(data) < length:
        more = stream.recv(length - len(data))
        if not more:
            sys.exit("the server closed the connection")
        data += more
    return data


def hear(kind):
    while True:
        message = json.loads(take(int.from_bytes(take(4), "big")))
        if message["type"] == kind:
            return message


say({"type": "hello", "pump": name, "library_version": 99, "log_from": 1})
hear("welcome")
say({"type": "alarm", "number": 4711, "kind": "air_in_line"})
hear("alarm-taken")
