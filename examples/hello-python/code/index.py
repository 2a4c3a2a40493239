"""Greets whoever asks: GET /?name=Ada"""

import json
import os
from datetime import datetime, timezone


def handler(event, context):
    """Called for each request; `event` is the request as JSON."""
    request = json.loads(event)
    name = request.get("queryParameters", {}).get("name", "world")
    greeting = os.environ.get("GREETING", "Hello")
    now = datetime.now(timezone.utc)
    return {
        "statusCode": 200,
        "headers": {"Content-Type": "text/plain; charset=utf-8"},
        "body": f"{greeting}, {name}! It is {now:%H:%M} in UTC.\n",
    }
