"""Writes the state of the stock into the log; a timer calls it every night."""

import json
import os
from urllib.request import urlopen

FEW = 5


def handler(event, context):
    """Called by the timer; `event` says which one and when, as JSON."""
    url = os.environ["CATALOG_URL"].rstrip("/") + "/products"
    with urlopen(url, timeout=10) as response:
        products = json.load(response)["products"].values()
    worth = sum(product["price"] * product["stock"] for product in products)
    report = {
        "worth": round(worth, 2),
        "currency": os.environ.get("CURRENCY", "EUR"),
        "running out": sorted(product["name"] for product in products if product["stock"] < FEW),
    }
    print(json.dumps(report))
    return report
