"""Greets whoever is signed in, and believes nobody but Harden: the same as server.mjs, in Python.

pip install "pyjwt[crypto]" && python3 server.py
"""
import os
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import jwt

AUDIENCE = os.environ.get("AUDIENCE", "verify-assertion")  # Prototype:Name in harden.json
KEYS = jwt.PyJWKClient(os.environ.get("JWKS_URL", "http://localhost:8080/.harden/jwks.json"))


def claims_of(assertion):
    """The claims of a valid assertion; raises jwt.PyJWTError for any other."""
    key = KEYS.get_signing_key_from_jwt(assertion)
    return jwt.decode(assertion, key.key, algorithms=["ES256"], audience=AUDIENCE, issuer="harden",
                      leeway=5, options={"require": ["exp", "aud", "iss", "sub"]})


class Greeting(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def do_GET(self):
        try:
            claims = claims_of(self.headers.get("X-Harden-Assertion", ""))
            status, text = 200, f"Hello {claims.get('name', claims['oid'])}, signed in by {claims['scheme']}, roles: {' '.join(claims['roles']) or 'none'}\n"
        except jwt.PyJWTError as problem:
            status, text = 401, f"{problem}\n"
        body = text.encode()
        self.send_response(status)
        self.send_header("Content-Type", "text/plain; charset=utf-8")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)


ThreadingHTTPServer(("127.0.0.1", int(os.environ.get("PORT", "3000"))), Greeting).serve_forever()
