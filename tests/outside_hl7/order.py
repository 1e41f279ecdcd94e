"""A client of the Python library hl7 in place of the lab's health record.

order.py PORT CERTIFICATES|- < lines of JSON

Each line is a message, in the order in which they are sent over one connection; answers are lines of JSON: what the library's parser reads of them.
With CERTIFICATES the connection is by TLS, with the certificate of `ehr`.
"""

import json
import os
import ssl
import sys

import hl7
from hl7.client import MLLPClient


def guarded(plain, directory):
    authority = next(f for f in sorted(os.listdir(directory)) if f.startswith("ca-"))
    tls = ssl.create_default_context(cafile=os.path.join(directory, authority))
    own = [os.path.join(directory, name) for name in ("ehr.pem", "ehr-key.pem")]
    tls.load_cert_chain(*own)
    return tls.wrap_socket(plain, server_hostname="pumpserver-a")


def read(answer):
    message = hl7.parse(answer.strip(b"\x0b\x1c\r").decode() + "\r")
    msa = message.segment("MSA")
    errors = [s for s in message if str(s[0]) == "ERR"]
    return {
        "kind": str(message.segment("MSH")(9)),
        "code": str(msa(1)),
        "answers": str(msa(2)) if len(msa) > 2 else "",
        "where": [str(e(2)) for e in errors],
        "why": [str(e(8)) for e in errors],
        "text": str(message),
    }


port, directory = sys.argv[1:]
with MLLPClient("127.0.0.1", int(port)) as client:
    client.socket.settimeout(20)
    if directory != "-":
        client.socket = guarded(client.socket, directory)
    for line in sys.stdin:
        print(json.dumps(read(client.send_message(json.loads(line)))), flush=True)
