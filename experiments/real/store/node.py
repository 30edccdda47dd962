#!/usr/bin/python3
"""A small store: the node with the first name holds all data, the others ask it on.

usage: node.py NAME ADDRESS DATA NODES [--forget]

NODES is name=address of all nodes, joined by commas. Every change is in DATA/log before it is answered, so that the
holder finds it again after a crash; with --forget it is not, which is a bug to be found.
"""
import json
import os
import socket
import socketserver
import sys
import threading

PORT = 7100
PATIENCE = 1.0  # seconds for another node's answer


class Data:
    def __init__(self, log):
        self.lock = threading.Lock()
        self.values = {}
        self.log = None
        if log is None:
            return
        if os.path.exists(log):
            with open(log, encoding="utf-8") as lines:
                for line in lines:
                    if line.endswith("\n"):  # the last one may be torn
                        self.apply(json.loads(line))
        self.log = open(log, "a", encoding="utf-8")

    def apply(self, request):
        key, value, before = request["key"], request["value"], self.values.get(request["key"])
        if request["f"] == "write":
            self.values[key] = value
        elif request["f"] == "cas":
            if before != value[0]:
                return False
            self.values[key] = value[1]
        else:  # add, append
            self.values[key] = (before or []) + [value]
        return True

    def answer(self, request):
        with self.lock:
            if request["f"] == "read":
                return {"type": "ok", "value": self.values.get(request["key"])}
            if request["f"] not in ("write", "cas", "add", "append"):
                return {"type": "fail", "error": "this store does not know " + request["f"]}
            if not self.apply(request):
                return {"type": "fail", "error": "mismatch"}
            if self.log:
                self.log.write(json.dumps(request) + "\n")
                self.log.flush()
                os.fsync(self.log.fileno())
            return {"type": "ok"}


def ask_on(holder, request):
    try:
        connection = socket.create_connection((holder, PORT), PATIENCE)
    except OSError as error:
        return {"type": "fail", "error": "the holder cannot be reached: %s" % error}
    try:
        with connection:
            connection.sendall((json.dumps(request) + "\n").encode())
            return json.loads(connection.makefile().readline())
    except (OSError, ValueError):
        return {"type": "info", "error": "the holder did not answer"}


def main():
    name, address, folder, nodes = sys.argv[1:5]
    addresses = dict(each.split("=") for each in nodes.split(","))
    holder = min(addresses)
    data = Data(None if "--forget" in sys.argv else os.path.join(folder, "log")) if name == holder else None

    class Handler(socketserver.StreamRequestHandler):
        def handle(self):
            for line in self.rfile:
                request = json.loads(line)
                if request["f"] == "role":
                    answer = {"type": "ok", "value": holder}
                elif data:
                    answer = data.answer(request)
                else:
                    answer = ask_on(addresses[holder], request)
                self.wfile.write((json.dumps(answer) + "\n").encode())

    socketserver.ThreadingTCPServer.allow_reuse_address = True
    socketserver.ThreadingTCPServer.daemon_threads = True
    with socketserver.ThreadingTCPServer((address, PORT), Handler) as server:
        server.serve_forever()


main()
