//! The grammar of `${…}`.
//!
//! A text is split into pieces; the body of an expression is either a dotted look-up, such as `vars.a.b`, or
//! a call, such as `env('X', 'default')`. What they mean is the business of `interpolate`.

use std::ops::Range;

use super::yaml;

/// A piece of a text; ranges are bytes of that text.
#[derive(Debug, PartialEq, Eq)]
pub enum Piece {
    /// Text as it stands.
    Text(Range<usize>),
    /// An expression: all of it, and what stands between the braces.
    Expression {
        /// With `${` and `}`.
        whole: Range<usize>,
        /// Without.
        body: Range<usize>,
    },
}

/// The body of an expression.
#[derive(Debug, PartialEq)]
pub enum Expression {
    /// `vars.a.b`, `resources.X.props.list[0]`
    Lookup(Vec<String>),
    /// `env('X')`
    Call(String, Vec<Argument>),
}

/// An argument of a call.
#[derive(Debug, PartialEq)]
pub enum Argument {
    /// Text in quotes.
    Quoted(String),
    /// A word without quotes; a look-up where it has dots, a plain word otherwise.
    Bare(String),
    /// Another call.
    Call(String, Vec<Argument>),
}

/// Splits a text; fails with the place of an expression that never ends.
pub fn split(text: &str) -> Result<Vec<Piece>, Range<usize>> {
    let mut pieces = Vec::new();
    let mut from = 0;
    while let Some(at) = text[from..].find("${").map(|at| from + at) {
        let Some(length) = body_length(&text[at + 2..]) else {
            return Err(at..text.len());
        };
        if at > from {
            pieces.push(Piece::Text(from..at));
        }
        let body = at + 2..at + 2 + length;
        from = body.end + 1;
        pieces.push(Piece::Expression { whole: at..from, body });
    }
    if from < text.len() {
        pieces.push(Piece::Text(from..text.len()));
    }
    Ok(pieces)
}

/// Returns how far it is to the brace that closes, quotes and inner braces respected.
fn body_length(text: &str) -> Option<usize> {
    let mut depth = 0_usize;
    let mut quote = None;
    for (at, byte) in text.bytes().enumerate() {
        match (quote, byte) {
            (Some(open), _) if open == byte => quote = None,
            (None, b'\'' | b'"') => quote = Some(byte),
            (None, b'{') => depth += 1,
            (None, b'}') if depth == 0 => return Some(at),
            (None, b'}') => depth -= 1,
            _ => {}
        }
    }
    // A lone quote, as in ${vars.it's}: the first brace ends it, and the body is then refused by name.
    text.find('}').filter(|_| quote.is_some())
}

/// Reads the body of an expression; fails with what is wrong with it.
pub fn parse(body: &str) -> Result<Expression, String> {
    let mut reader = Reader { rest: body.trim() };
    if reader.rest.is_empty() {
        return Err("it is empty".to_owned());
    }
    let word = reader.word();
    if reader.rest.starts_with('(') {
        let arguments = reader.arguments(0)?;
        return reader.finished().map(|()| Expression::Call(word, arguments));
    }
    let mut segments = Vec::new();
    for name in word.split('.') {
        segments.extend(steps(name)?);
    }
    reader.finished()?;
    Ok(Expression::Lookup(segments))
}

/// Reads `list[0]` as two steps, `list` and `0`.
fn steps(name: &str) -> Result<Vec<String>, String> {
    let (first, mut rest) = name.split_at(name.find('[').unwrap_or(name.len()));
    let mut steps = vec![first.trim().to_owned()];
    while let Some(inner) = rest.strip_prefix('[') {
        let end = inner.find(']').ok_or("a `[` has no `]`")?;
        steps.push(inner[..end].trim_matches(['\'', '"', ' ']).to_owned());
        rest = &inner[end + 1..];
    }
    if steps.iter().any(String::is_empty) || !rest.is_empty() {
        return Err("a name is missing between two dots".to_owned());
    }
    Ok(steps)
}

struct Reader<'a> {
    rest: &'a str,
}

impl Reader<'_> {
    fn word(&mut self) -> String {
        let end = self.rest.find(['(', ')', ',']).unwrap_or(self.rest.len());
        let (word, rest) = self.rest.split_at(end);
        self.rest = rest;
        word.trim().to_owned()
    }

    fn arguments(&mut self, depth: usize) -> Result<Vec<Argument>, String> {
        if depth > 8 {
            return Err("calls are nested too deep".to_owned());
        }
        self.rest = self.rest[1..].trim_start(); // the opening bracket
        let mut arguments = Vec::new();
        if let Some(rest) = self.rest.strip_prefix(')') {
            self.rest = rest;
            return Ok(arguments);
        }
        loop {
            arguments.push(self.argument(depth)?);
            self.rest = self.rest.trim_start();
            if let Some(rest) = self.rest.strip_prefix(',') {
                self.rest = rest.trim_start();
            } else if let Some(rest) = self.rest.strip_prefix(')') {
                self.rest = rest;
                return Ok(arguments);
            } else {
                return Err("a `)` is missing".to_owned());
            }
        }
    }

    fn argument(&mut self, depth: usize) -> Result<Argument, String> {
        if let Some(quote) = self.rest.chars().next().filter(|first| matches!(first, '\'' | '"')) {
            let inner = &self.rest[1..];
            let end = inner.find(quote).ok_or("a quote is not closed")?;
            self.rest = &inner[end + 1..];
            return Ok(Argument::Quoted(inner[..end].to_owned()));
        }
        let word = self.word();
        if self.rest.starts_with('(') {
            return Ok(Argument::Call(word, self.arguments(depth + 1)?));
        }
        Ok(Argument::Bare(word))
    }

    fn finished(&self) -> Result<(), String> {
        match self.rest.trim() {
            "" => Ok(()),
            rest => Err(format!("`{rest}` stands after its end")),
        }
    }
}

/// Returns whether a text has an expression in it.
pub fn is_in(text: &str) -> bool {
    text.contains("${")
}

/// Returns whether a bare argument is a look-up rather than a word of its own.
pub fn is_lookup(word: &str) -> bool {
    ["vars.", "this.", "resources."].iter().any(|root| word.starts_with(root))
}

/// Returns the value of a bare word: numbers and truth values keep their types.
pub fn bare(word: &str) -> super::node::Content {
    yaml::plain(word)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(text: &str, expected: &[&str]) {
        let pieces = split(text).expect("every expression ends");
        let shown: Vec<String> = pieces
            .into_iter()
            .map(|piece| match piece {
                Piece::Text(range) => text[range].to_owned(),
                Piece::Expression { whole, body } => {
                    assert_eq!(text[whole], format!("${{{}}}", &text[body.clone()]));
                    format!("<{}>", &text[body])
                }
            })
            .collect();
        assert_eq!(shown, expected);
    }

    #[test]
    fn texts_are_split() {
        check("plain", &["plain"]);
        check("${vars.a}", &["<vars.a>"]);
        check("a-${vars.b}-${env('C')}", &["a-", "<vars.b>", "-", "<env('C')>"]);
        check("${env('A', '}')}", &["<env('A', '}')>"]);
        check("${vars.${env('S')}.x}", &["<vars.${env('S')}.x>"]);
        check("$5 {x}", &["$5 {x}"]);
    }

    #[test]
    fn an_open_end_is_found() {
        assert_eq!(split("ab ${vars.x"), Err(3..11));
    }

    #[track_caller]
    fn parses(body: &str, expected: Expression) {
        assert_eq!(parse(body), Ok(expected));
    }

    #[test]
    fn lookups_and_calls() {
        let words = |words: &[&str]| words.iter().map(|&word| word.to_owned()).collect::<Vec<_>>();
        parses("vars.a.b", Expression::Lookup(words(&["vars", "a", "b"])));
        parses("vars.list[1].x", Expression::Lookup(words(&["vars", "list", "1", "x"])));
        parses("env(X)", Expression::Call("env".into(), vec![Argument::Bare("X".into())]));
        parses(
            "env('X', env(\"Y\", vars.z))",
            Expression::Call(
                "env".into(),
                vec![
                    Argument::Quoted("X".into()),
                    Argument::Call(
                        "env".into(),
                        vec![Argument::Quoted("Y".into()), Argument::Bare("vars.z".into())],
                    ),
                ],
            ),
        );
    }

    #[test]
    fn what_cannot_be_read_says_why() {
        for (body, why) in [
            ("", "it is empty"),
            ("vars..a", "a name is missing between two dots"),
            ("env('X'", "a `)` is missing"),
            ("env('X", "a quote is not closed"),
            ("env('X') + 1", "`+ 1` stands after its end"),
        ] {
            assert_eq!(parse(body), Err(why.to_owned()), "{body}");
        }
    }
}
