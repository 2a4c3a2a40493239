"use strict";

const { languageOf } = require("./language");

const GREETINGS = {
  de: "Guten Tag",
  en: "Hello",
  es: "Hola",
  fr: "Bonjour",
  zh: "你好",
};

// Called for each request; `event` is the request as JSON.
exports.handler = async (event) => {
  const request = JSON.parse(event.toString());
  const { name = "world", language: asked } = request.queryParameters ?? {};
  const wanted = asked ?? request.headers?.["Accept-Language"] ?? "";
  const fallback = process.env.FALLBACK_LANGUAGE ?? "en";
  const language = languageOf(wanted, Object.keys(GREETINGS)) ?? fallback;
  return {
    statusCode: 200,
    headers: { "Content-Type": "text/plain; charset=utf-8", "Content-Language": language },
    body: `${GREETINGS[language]}, ${name}!\n`,
  };
};
