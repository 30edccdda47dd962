#!/usr/bin/python3
"""The client of node.py for fracas: one line of JSON in, one line of JSON out (docs/exec.md)."""
import json
import socket
import sys

PORT = 7100


class Connection:
    def __init__(self, address, seconds):
        self.socket = socket.create_connection((address, PORT), seconds)
        self.lines = self.socket.makefile()

    def ask(self, request, seconds):
        self.socket.settimeout(seconds)
        self.socket.sendall((json.dumps(request) + "\n").encode())
        line = self.lines.readline()
        if not line:
            raise OSError("the node closed the connection")
        return json.loads(line)


def main():
    connection, address = None, None
    for line in sys.stdin:
        request = json.loads(line)
        seconds = request.get("timeout_ms", 100) / 1000 * 0.9  # answer before fracas gives up
        answer = {"type": "ok"}
        try:
            if request["op"] == "open":
                address = request["nodes"][request["node"]]
                connection = Connection(address, seconds)
            elif request["op"] == "close":
                connection = None
            elif request["op"] == "role":
                answer = connection.ask({"f": "role"}, seconds) if connection else {"type": "fail"}
            elif request["op"] == "invoke":
                if not connection:
                    connection = Connection(address, seconds)
                answer = connection.ask({name: request[name] for name in ("f", "key", "value")}, seconds)
        except ConnectionRefusedError as error:
            # Nobody heard the request: it certainly did nothing.
            connection, answer = None, {"type": "fail", "error": str(error)}
        except OSError as error:
            # It may have been done: the answer is what is missing.
            connection, answer = None, {"type": "info", "error": str(error)}
        print(json.dumps({"id": request["id"], **answer}), flush=True)


main()
