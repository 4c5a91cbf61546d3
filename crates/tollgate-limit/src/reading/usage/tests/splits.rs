//! Bodies come cut anywhere.

use proptest::prelude::*;

use super::{answers::cases, *};

#[test]
fn any_length_of_pieces_reads_the_same() {
    for (name, form, body, _) in cases() {
        let whole = read(form, &body, usize::MAX);
        for length in 1..body.len() {
            let pieces = read(form, &body, length);
            assert_eq!(pieces.told(), whole.told(), "{name} in pieces of {length}");
            let both = (settled(&pieces), settled(&whole));
            assert_eq!(both.0, both.1, "{name} in pieces of {length}");
        }
    }
}

#[test]
fn any_single_cut_reads_the_same() {
    for (name, form, body, _) in cases() {
        let whole = read(form, &body, usize::MAX);
        for cut in 0..body.len() {
            let mut reader = UsageReader::new(&headers(form));
            reader.read(&body[..cut]);
            reader.read(&[]);
            reader.read(&body[cut..]);
            assert_eq!(reader.told(), whole.told(), "{name} cut at {cut}");
        }
    }
}

/// JSON-like noise: what a search for keys is most likely to stumble over.
fn noise() -> impl Strategy<Value = Vec<u8>> {
    const WORDS: [&str; 26] = [
        "\"usage\"",
        "\"usage",
        "\"us",
        "\"e",
        "usage\"",
        "usage",
        "Metadata\"",
        "\"usageMetadata\":{",
        "\"",
        "\\",
        "\\\"",
        "\\\\",
        ":",
        "{",
        "}",
        "[",
        ",",
        " ",
        "\n",
        "\"content\":\"",
        "\"text\" : \"",
        "\"bytes\":\"",
        "\"eval_count\":",
        "12",
        "\"prompt_tokens\":7",
        "eyJ1c2FnZSI6eyJ",
    ];
    let word = prop_oneof![
        8 => prop::sample::select(&WORDS[..]).prop_map(|word| word.as_bytes().to_vec()),
        1 => prop::collection::vec(any::<u8>(), 0..6),
    ];
    prop::collection::vec(word, 0..60).prop_map(|words| words.concat())
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(1_000))]

    #[test]
    fn any_cuts_of_any_noise_read_the_same(
        body in noise(),
        cuts in prop::collection::vec(0_usize..400, 0..8),
        form in prop::sample::select(&[JSON, EVENTS, FRAMES][..]),
    ) {
        let whole = read(form, &body, usize::MAX);
        let mut reader = UsageReader::new(&headers(form));
        let mut cuts: Vec<usize> = cuts.into_iter().map(|cut| cut.min(body.len())).collect();
        cuts.extend([0, body.len()]);
        cuts.sort_unstable();
        for pair in cuts.windows(2) {
            reader.read(&body[pair[0]..pair[1]]);
        }
        prop_assert_eq!(reader.told(), whole.told());
        prop_assert_eq!(settled(&reader), settled(&whole));
        let bytewise = read(form, &body, 1);
        prop_assert_eq!(settled(&bytewise), settled(&whole));
    }

    /// A naive reading of the same: parse the document, and look.
    #[test]
    fn documents_tell_what_a_parser_finds(
        text in "[ -~\\n\"\\\\{}:,é]{0,80}",
        prompt in 1_u64..1 << 24,
        answer in 1_u64..1 << 24,
        length in 1_usize..50,
        pretty: bool,
    ) {
        let value = serde_json::json!({
            "choices": [{ "message": { "content": text, "tool": { "arguments": "\"usage\":{\"prompt_tokens\":1}" } } }],
            "usage": { "prompt_tokens": prompt, "note": text, "completion_tokens": answer },
        });
        let body = if pretty { format!("{value:#}") } else { value.to_string() };
        let reader = read(JSON, body.as_bytes(), length);
        prop_assert_eq!(reader.told(), Some(Usage::new(prompt, answer)));
    }
}
