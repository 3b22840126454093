#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Answers writes as InfluxDB 1.8, 2.7 and 3 document it, and is strict about everything.

    influx_stub.py [--token T] [--org O] [--bucket B] [--database D] [--user U --password P]
        [--max-bytes N] [--tls CERT KEY] [--script FILE] PORT_FILE

The port is written to PORT_FILE when it listens. --script: one JSON object per line, for a request
each, in their order: {"status": N, "headers": {}, "body": ""}, {"close": true}, {"half": true},
{"reset": true}, {"sleep": SECONDS} (and then as ever), {}. GET /accepted tells the points that were taken,
as JSON lines with how often each was; GET /requests what was asked.
"""

import argparse
import base64
import gzip
import json
import socket
import ssl
import struct
import sys
import threading
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qsl, urlsplit

from influx_line import Refused, parse, split_lines

TYPES = {"i": "integer", "r": "float", "s": "string", "b": "boolean"}


class State:
    def __init__(self, args):
        self.args = args
        self.lock = threading.Lock()
        self.points = {}  # (measurement, tags, time): [times, fields]
        self.types = {}
        self.requests = []
        self.connections = 0
        self.script = []
        if args.script:
            with open(args.script, encoding="utf-8") as f:
                self.script = [json.loads(line) for line in f]

    def take(self, line):
        """Add a line, or say why not."""
        measurement, tags, fields, at = parse(line)
        for name, (kind, _) in fields.items():
            known = self.types.setdefault((measurement, name), kind)
            if known != kind:
                raise TypeError(
                    f'field type conflict: input field "{name}" on measurement "{measurement}" is type '
                    f"{TYPES[kind]}, already exists as type {TYPES[known]}"
                )
        key = (measurement, tuple(sorted(tags.items())), at)
        point = self.points.setdefault(key, [0, {}])
        point[0] += 1
        point[1].update(fields)


class Answer(Exception):
    def __init__(self, status, body=None, headers=None):
        super().__init__(status)
        self.status, self.body, self.headers = status, body, headers or {}


class Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    state = None

    def setup(self):
        super().setup()
        with self.state.lock:
            self.state.connections += 1

    def log_message(self, *_):
        pass

    def reply(self, status, body=b"", headers=None, kind="application/json"):
        self.send_response(status)
        for name, value in (headers or {}).items():
            self.send_header(name, value)
        if status != 204:
            self.send_header("Content-Type", kind)
            self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def do_GET(self):
        s = self.state
        with s.lock:
            if self.path == "/accepted":
                lines = [
                    json.dumps({"m": m, "tags": dict(tags), "time": at, "fields": fields, "times": n})
                    for (m, tags, at), (n, fields) in sorted(s.points.items())
                ]
                body = "".join(line + "\n" for line in lines)
            else:
                body = json.dumps({"connections": s.connections, "requests": s.requests})
        self.reply(200, body.encode())

    def do_POST(self):
        body = self.rfile.read(int(self.headers["Content-Length"]))
        with self.state.lock:
            asked = {"path": self.path, "headers": dict(self.headers), "bytes": len(body)}
            self.state.requests.append(asked)
            step = self.state.script.pop(0) if self.state.script else {}
        if "sleep" in step:
            time.sleep(step["sleep"])
        if step.get("reset"):
            self.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        if step.get("half"):
            self.wfile.write(b"HTTP/1.1 400 Bad Request\r\nContent-Length: 100\r\n\r\n{")
        if step.get("reset") or step.get("half") or step.get("close"):
            asked["status"] = 0
            self.close_connection = True
            return
        try:
            if "status" in step:
                raise Answer(step["status"], step.get("body", ""), step.get("headers"))
            with self.state.lock:
                self.write(asked, body)
            raise Answer(204)
        except Answer as a:
            asked["status"] = a.status
            text = a.body if isinstance(a.body, str) else json.dumps(a.body) if a.body else ""
            self.reply(a.status, text.encode(), a.headers)

    def write(self, asked, body):
        url = urlsplit(self.path)
        query = dict(parse_qsl(url.query, strict_parsing=True))
        paths = {"/write": self.write_v1, "/api/v2/write": self.write_v2, "/api/v3/write_lp": self.write_v3}
        if url.path not in paths:
            raise Answer(404, "404 page not found\n")
        if self.headers["Content-Type"] != "text/plain; charset=utf-8":
            raise Answer(415, {"error": "content type"})
        if self.headers["Content-Encoding"] == "gzip":
            try:
                body = gzip.decompress(body)
            except (OSError, EOFError):
                raise Answer(400, {"error": "gzip: invalid header"}) from None
        most = self.state.args.max_bytes
        if most and len(body) > most:
            raise Answer(413, {"code": "request too large", "message": "unable to read data: points batch is too large"})
        asked["unpacked"] = len(body)
        lines = list(split_lines(body.decode()))
        asked["lines"] = len(lines)
        if not body.endswith(b"\n"):
            raise Answer(400, {"error": "the last line has no end"})
        paths[url.path](query, lines)

    def only(self, query, *names):
        for name in query:
            if name not in names:
                raise Answer(400, {"error": f"unknown query parameter {name}"})

    def take_all(self, lines):
        """What was refused: [number, line, why, whether it could be read]."""
        bad = []
        for n, line in enumerate(lines, 1):
            try:
                self.state.take(line)
            except Refused as e:
                bad.append((n, line, str(e), False))
            except TypeError as e:
                bad.append((n, line, str(e), True))
        return bad

    def write_v1(self, query, lines):
        args = self.state.args
        self.only(query, "db", "rp", "precision")
        if args.user:
            want = base64.b64encode(f"{args.user}:{args.password}".encode()).decode()
            if self.headers["Authorization"] != f"Basic {want}":
                raise Answer(401, {"error": "authorization failed"})
        if query.get("precision") != "ns":
            raise Answer(400, {"error": "invalid precision"})
        if query.get("db") != args.database:
            raise Answer(404, {"error": f'database not found: "{query.get("db")}"'})
        bad = self.take_all(lines)
        if bad:
            dropped = sum(1 for b in bad if b[3])
            why = "\n".join(b[2] if b[3] else f"unable to parse '{b[1]}': {b[2]}" for b in bad)
            raise Answer(400, {"error": f"partial write: {why} dropped={dropped}"})

    def write_v2(self, query, lines):
        args = self.state.args
        self.only(query, "org", "bucket", "precision")
        if self.headers["Authorization"] != f"Token {args.token}":
            raise Answer(401, {"code": "unauthorized", "message": "unauthorized access"})
        if query.get("precision") != "ns":
            raise Answer(400, {"code": "invalid", "message": "invalid precision; valid precision units are ns"})
        if args.org and query.get("org") != args.org:
            raise Answer(404, {"code": "not found", "message": f'organization name "{query.get("org")}" not found'})
        if query.get("bucket") != args.bucket:
            raise Answer(404, {"code": "not found", "message": f'bucket "{query.get("bucket")}" not found'})
        # A line that cannot be read refuses them all; one of another type only itself.
        for n, line in enumerate(lines, 1):
            try:
                parse(line)
            except Refused as e:
                message = f"unable to parse '{line}': {e}"
                raise Answer(400, {"code": "invalid", "line": n, "message": message}) from None
        bad = self.take_all(lines)
        if bad:
            message = f"failure writing points to database: partial write: {bad[0][2]} dropped={len(bad)}"
            raise Answer(422, {"code": "unprocessable entity", "message": message})

    def write_v3(self, query, lines):
        args = self.state.args
        self.only(query, "db", "precision", "accept_partial", "no_sync")
        if self.headers["Authorization"] != f"Bearer {args.token}":
            raise Answer(401, {"error": "the request was not authenticated"})
        if query.get("precision") != "nanosecond":
            raise Answer(400, {"error": "invalid query parameter precision"})
        if query.get("db") != args.database:
            raise Answer(400, {"error": "db name contained invalid character"})
        bad = self.take_all(lines)
        if bad:
            data = [{"original_line": b[1], "line_number": b[0], "error_message": b[2]} for b in bad[:100]]
            raise Answer(400, {"error": "partial write of line protocol occurred", "data": data})


class Server(ThreadingHTTPServer):
    daemon_threads = True

    def handle_error(self, request, client_address):
        if not isinstance(sys.exc_info()[1], (ConnectionError, ssl.SSLError)):
            super().handle_error(request, client_address)


def main():
    p = argparse.ArgumentParser()
    for name in ("token", "org", "bucket", "database", "user", "password", "script"):
        p.add_argument(f"--{name}")
    p.add_argument("--max-bytes", type=int)
    p.add_argument("--tls", nargs=2)
    p.add_argument("port_file")
    args = p.parse_args()
    Handler.state = State(args)
    server = Server(("127.0.0.1", 0), Handler)
    if args.tls:
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(*args.tls)
        # The handshake is the connection's own thread's to do.
        server.socket = context.wrap_socket(server.socket, server_side=True, do_handshake_on_connect=False)
    with open(args.port_file, "w", encoding="utf-8") as f:
        f.write(f"{server.server_address[1]}\n")
    server.serve_forever()


main()
