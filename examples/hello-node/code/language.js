"use strict";

// Picks the best known language out of a header such as "fr-CH, fr;q=0.9, en;q=0.8".
exports.languageOf = (header, known) =>
  header
    .split(",")
    .map((part) => {
      const [tag, weight] = part.trim().split(";q=");
      return { language: tag.split("-")[0].toLowerCase(), weight: Number(weight ?? 1) };
    })
    .filter(({ language }) => known.includes(language))
    .sort((one, other) => other.weight - one.weight)[0]?.language;
