"""The stock. A real shop would ask a database."""

PRODUCTS = {
    "tea": {"name": "Green tea, 100 g", "price": 8.5, "stock": 40},
    "cup": {"name": "Cup", "price": 12.0, "stock": 7},
    "pot": {"name": "Teapot", "price": 34.9, "stock": 2},
}
