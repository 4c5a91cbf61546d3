//! Serde's messages in words for people who know nothing of types.

use super::error::nearest;

/// The message in plain words.
pub(super) fn plain(message: &str) -> String {
    let unknown = unknown_field(message).or_else(|| unknown_variant(message));
    unknown.unwrap_or_else(|| match message.rsplit_once(", expected ") {
        Some((found, wanted)) => {
            let found = found
                .replace("invalid type: map", "invalid type: table")
                .replace("invalid type: sequence", "invalid type: list");
            format!("{found}, expected {}", kind(wanted))
        }
        None => message.to_owned(),
    })
}

/// The message of serde without the value it is about: where keys are written, any value may be one.
pub(super) fn hidden(message: &str) -> String {
    // Behind the last one: what comes before may be part of the value.
    let Some((found, wanted)) = message.rsplit_once(", expected ") else {
        return message.to_owned();
    };
    let value = match found.split_once(['`', '"']) {
        // The names of fields are no secrets: they are in the path as well.
        _ if found.starts_with("unknown field ") => return message.to_owned(),
        Some((_, _)) if found.starts_with("unknown variant ") => "unknown variant `this`",
        Some((before, _)) => before.trim_end(),
        None => found,
    };
    format!("{value}, expected {wanted}")
}

fn unknown_field(message: &str) -> Option<String> {
    let (name, known) = names(message.strip_prefix("unknown field ")?)?;
    Some(match nearest(name, known.iter().copied()) {
        Some(like) => format!("there is no such setting; did you mean {like}?"),
        None => format!(
            "there is no such setting; here are only {}",
            known.join(", ")
        ),
    })
}

fn unknown_variant(message: &str) -> Option<String> {
    let (name, known) = names(message.strip_prefix("unknown variant ")?)?;
    let all = known.join(", ");
    Some(match nearest(name, known.iter().copied()) {
        Some(like) => format!("{name:?} is none of {all}; did you mean {like}?"),
        None => format!("{name:?} is none of {all}"),
    })
}

/// What is between backticks: the first is what was found, the others are known.
fn names(text: &str) -> Option<(&str, Vec<&str>)> {
    let mut names = text.split('`').skip(1).step_by(2);
    Some((names.next()?, names.collect()))
}

/// What a value must be.
fn kind(wanted: &str) -> String {
    let (of, off) = match wanted.strip_suffix(" or \"off\"") {
        Some(of) => (of, " or \"off\""),
        None => (wanted, ""),
    };
    let words = match of {
        "a map" => "a table",
        "a sequence" => "a list",
        "a string" => "text",
        "a boolean" => "true or false",
        "f64" => "a number",
        "u16" => "a whole number from 0 to 65535",
        "u32" => "a whole number from 0 to 4294967295",
        "u64" | "usize" => "a whole number of zero or more",
        of if of.starts_with("struct ") => "a table",
        of => of,
    };
    format!("{words}{off}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn types_are_not_spoken_of() {
        for (message, said) in [
            (
                "invalid type: string \"of\", expected struct Budget or \"off\"",
                "invalid type: string \"of\", expected a table or \"off\"",
            ),
            (
                "invalid value: integer `-1`, expected u32",
                "invalid value: integer `-1`, expected a whole number from 0 to 4294967295",
            ),
            (
                "invalid type: map, expected a sequence",
                "invalid type: table, expected a list",
            ),
            (
                "unknown variant `baerer`, expected one of `bearer`, `none`",
                "\"baerer\" is none of bearer, none; did you mean bearer?",
            ),
            ("missing field `per`", "missing field `per`"),
        ] {
            assert_eq!(plain(message), said);
        }
    }

    #[test]
    fn what_may_be_a_key_is_left_out() {
        for (message, said) in [
            (
                "invalid type: string \"canary, expected `canary`\", expected struct Provider",
                "invalid type: string, expected a table",
            ),
            (
                "invalid type: integer `12345`, expected a string",
                "invalid type: integer, expected text",
            ),
            (
                "invalid type: map, expected a string",
                "invalid type: table, expected text",
            ),
            (
                "unknown variant `Bearer canary`, expected one of `bearer`, `none`",
                "\"this\" is none of bearer, none",
            ),
            (
                "unknown field `kye`, expected `key` or `base`",
                "there is no such setting; did you mean key?",
            ),
            ("missing field `name`", "missing field `name`"),
        ] {
            assert_eq!(plain(&hidden(message)), said);
        }
    }
}
