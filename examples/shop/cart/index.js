"use strict";

// Adds up a cart at the catalog's prices: GET /cart/?tea=2&cup=1
exports.handler = async (event) => {
  const wanted = JSON.parse(event.toString()).queryParameters ?? {};
  const { products } = await catalog();

  const lines = [];
  for (const [id, text] of Object.entries(wanted)) {
    const product = products[id];
    const count = Number(text);
    if (!product) return answer(404, { error: `the shop has no ${id}` });
    if (!Number.isInteger(count) || count < 1) return answer(400, { error: `${text} is no number of ${id}` });
    if (count > product.stock) return answer(409, { error: `there are only ${product.stock} of ${id}` });
    lines.push({ product: product.name, count, price: round(count * product.price) });
  }
  const total = round(lines.reduce((sum, line) => sum + line.price, 0));
  return answer(200, { lines, total, currency: process.env.CURRENCY });
};

async function catalog() {
  const url = process.env.CATALOG_URL.replace(/\/$/, "");
  const response = await fetch(`${url}/products`);
  if (!response.ok) throw new Error(`the catalog answered ${response.status}`);
  return response.json();
}

const round = (amount) => Math.round(amount * 100) / 100;

const answer = (statusCode, body) => ({
  statusCode,
  headers: { "Content-Type": "application/json; charset=utf-8" },
  body: JSON.stringify(body, null, 2) + "\n",
});
