"""Shows every request as it arrives: a place to point a webhook at."""

import json
import os
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer


class Echo(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"  # connections are kept open between requests

    def answer(self):
        length = int(self.headers.get("Content-Length") or 0)
        body = self.rfile.read(length)
        seen = {
            "title": os.environ.get("TITLE", "Echo"),
            "method": self.command,
            "path": self.path,
            "headers": {
                name: value
                for name, value in sorted(self.headers.items())
                # What the platform adds is not what the caller sent, and holds credentials.
                if not name.lower().startswith("x-fc-")
            },
            "body": body.decode("utf-8", "replace"),
        }
        text = json.dumps(seen, indent=2, ensure_ascii=False).encode() + b"\n"
        self.send_response(200)
        self.send_header("Content-Type", "application/json; charset=utf-8")
        self.send_header("Content-Length", str(len(text)))
        self.end_headers()
        self.wfile.write(text)

    # Requests come as they were made; events of other triggers and invocations come as POST /invoke.
    do_GET = do_POST = do_PUT = do_DELETE = answer

    def log_message(self, format, *args):
        print(f"{self.command} {self.path}", flush=True)


if __name__ == "__main__":
    port = int(os.environ.get("FC_SERVER_PORT", "9000"))
    ThreadingHTTPServer(("0.0.0.0", port), Echo).serve_forever()
