//! From data to text for people.
//!
//! A renderer emits labelled spans, never colours: the same spans become a coloured terminal, a plain pipe or a
//! test's expectation. Whatever came from elsewhere (names, values, files) passes through [`text::plain`], so
//! that it can say nothing to a terminal.

pub mod diagnostic;
pub mod human;
pub mod text;
pub mod value;
