"""What the shop has: a page at /, JSON at /products and /products/<id>."""

import json
import os
from html import escape

from products import PRODUCTS


def handler(event, context):
    """Called for each request; `event` is the request as JSON."""
    path = json.loads(event)["requestContext"]["http"]["path"].rstrip("/")
    currency = os.environ.get("CURRENCY", "EUR")
    if path == "":
        return answer(200, "text/html", page(currency))
    if path == "/products":
        return answer(200, "application/json", json.dumps({"currency": currency, "products": PRODUCTS}))
    product = PRODUCTS.get(path.removeprefix("/products/"))
    if product is None:
        return answer(404, "application/json", json.dumps({"error": f"there is nothing at {path}"}))
    return answer(200, "application/json", json.dumps(product))


def page(currency):
    rows = "".join(
        f'<li>{escape(product["name"])}, {product["price"]:.2f} {escape(currency)}'
        f' <a href="/cart/?{id}=1">buy one</a></li>'
        for id, product in PRODUCTS.items()
    )
    return f"<!doctype html><title>Shop</title><h1>The shop</h1><ul>{rows}</ul>\n"


def answer(status, kind, body):
    return {"statusCode": status, "headers": {"Content-Type": f"{kind}; charset=utf-8"}, "body": body}
