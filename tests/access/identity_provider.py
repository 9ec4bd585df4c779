"""A small identity provider, run as a process of its own.

`python identity_provider.py FOLDER` serves FOLDER/keys.json on a free port of
127.0.0.1, writes the port to FOLDER/port and a line to FOLDER/hits per request.
FOLDER/location, where it exists, makes every answer a redirect to what it holds.
"""

import sys
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path

folder = Path(sys.argv[1])


class Handler(BaseHTTPRequestHandler):
    def do_GET(self):
        with (folder / "hits").open("a") as hits:
            hits.write(f"{self.path}\n")
        location = folder / "location"
        if location.exists():
            self.send_response(302)
            self.send_header("Location", location.read_text())
            self.end_headers()
            return
        self.send_response(200)
        self.send_header("Content-Type", "application/json")
        self.end_headers()
        self.wfile.write((folder / "keys.json").read_bytes())

    def log_message(self, *arguments):
        """Say nothing."""


server = HTTPServer(("127.0.0.1", 0), Handler)
(folder / "port.new").write_text(str(server.server_port))
(folder / "port.new").rename(folder / "port")
server.serve_forever()
