//! Did you mean.

/// Returns the candidate that `word` most probably meant, where one is near enough.
///
/// Another spelling of the letters' case always counts as near. Otherwise up to a third of the letters may
/// differ, so that `a` is never taken for `b`.
pub fn closest<'a>(word: &str, candidates: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    let lower = word.to_lowercase();
    let allowed = (word.chars().count() / 3).clamp(1, 4);
    candidates
        .into_iter()
        .filter(|candidate| *candidate != word && candidate.len().abs_diff(word.len()) <= 8)
        .map(|candidate| (strsim::damerau_levenshtein(&lower, &candidate.to_lowercase()), candidate))
        .filter(|(distance, candidate)| *distance <= allowed && *distance < candidate.chars().count())
        .min()
        .map(|(_, candidate)| candidate)
}

/// Returns words as people list them: `a`, `b` and `c`.
pub fn listed<'a>(words: impl IntoIterator<Item = &'a str>) -> String {
    let quoted: Vec<String> = words.into_iter().map(|word| format!("`{word}`")).collect();
    sentence(&quoted)
}

/// Returns names as a sentence lists them: one, two and three.
pub fn sentence(names: &[String]) -> String {
    match names {
        [] => String::new(),
        [one] => one.clone(),
        [front @ .., last] => format!("{} and {last}", front.join(", ")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(word: &str, expected: Option<&str>) {
        let found = closest(word, ["python3.10", "nodejs20", "memorySize", "cpu", "name", "HTTP"]);
        assert_eq!(found, expected, "{word}");
    }

    #[test]
    fn near_words_are_suggested_and_far_ones_are_not() {
        check("pyhton3.10", Some("python3.10"));
        check("memorysize", Some("memorySize"));
        check("http", Some("HTTP"));
        check("nme", Some("name"));
        check("timeout", None);
        check("x", None);
    }

    #[test]
    fn lists_read_as_sentences() {
        assert_eq!(listed(["a", "b", "c"]), "`a`, `b` and `c`");
        assert_eq!(listed(["a"]), "`a`");
    }
}
