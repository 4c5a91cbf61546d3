//! Words beside waits, in English, German, French, Spanish and Portuguese.

use std::{
    collections::HashMap,
    hash::{BuildHasherDefault, Hasher},
    sync::LazyLock,
    time::Duration,
};

use super::sentence::{Lead, Stem};
use crate::text::units::{self, HOUR, MILLI, MINUTE, SECOND};

/// What a word has to do with a wait.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Word {
    /// Asks to come back.
    Stem(Stem),
    /// Leads to a time.
    Lead(Lead),
    /// The unit of a bare number, as in `retry_after_ms`.
    Unit(u64),
    /// Opens a clause and says nothing.
    Polite,
    /// Behind a time: "30 seconds before the next attempt".
    Before,
    /// What is lifted when it expires; else a filler.
    Limit,
    /// May stand between what asks and the time.
    Filler,
    Negation,
    /// What comes behind has passed: "timed out after 60 s".
    Past,
    /// "The connection was": a reset behind it is none of a limit.
    Link,
    /// Asks to come back where the time stands in front.
    Advice,
    /// "The block expires".
    Expires,
    /// A quote behind it is what a user wrote.
    Echo,
    Other,
}

use Word::{
    Advice, Before, Echo, Expires, Filler, Lead as L, Limit, Link, Negation, Past, Polite,
    Stem as S, Unit,
};

/// What a word says.
pub(super) fn kind(word: &str) -> Word {
    static KNOWN: LazyLock<HashMap<&str, Word, BuildHasherDefault<Fnv>>> = LazyLock::new(|| {
        let words = WORDS.iter().flat_map(|(kind, words)| {
            let words = words.split_ascii_whitespace();
            words.map(|word| (word, *kind))
        });
        words.collect()
    });
    let known = (word.len() <= LONGEST).then(|| KNOWN.get(word)).flatten();
    if let Some(kind) = known {
        return *kind;
    }
    // The first letters of the starts.
    if !word.starts_with(['r', 'c', 'z']) {
        return Word::Other;
    }
    let begins = |(start, _): &&(&str, Word)| word.starts_with(start);
    let found = STARTS.iter().find(begins);
    found.map_or(Word::Other, |(_, kind)| *kind)
}

/// The longest word of the table, in bytes.
const LONGEST: usize = 16;

/// FNV-1a. The reader looks up every word of a text and finds few. The table is fixed, so hostile words cannot
/// fill a bucket of it.
struct Fnv(u64);

impl Default for Fnv {
    fn default() -> Self {
        Self(0xcbf2_9ce4_8422_2325)
    }
}

impl Hasher for Fnv {
    fn finish(&self) -> u64 {
        self.0
    }

    fn write(&mut self, bytes: &[u8]) {
        for byte in bytes {
            self.0 = (self.0 ^ u64::from(*byte)).wrapping_mul(0x0100_0000_01b3);
        }
    }
}

/// Starts of words that people join with others: `retryDelay`, "resetting"; the longer of two first.
const STARTS: [(&str, Word); 16] = [
    ("reinitialis", S(Stem::Reset)),
    ("réinitialis", S(Stem::Reset)),
    ("retryafter", S(Stem::Wait)),
    ("retrydelay", S(Stem::Wait)),
    ("zurücksetz", S(Stem::Reset)),
    ("replenish", S(Stem::Reset)),
    ("retrywait", S(Stem::Wait)),
    ("cooldown", S(Stem::Wait)),
    ("recover", S(Stem::Reset)),
    ("refresh", S(Stem::Reset)),
    ("refill", S(Stem::Reset)),
    ("réessay", S(Stem::Retry)),
    ("resume", S(Stem::Reset)),
    ("renew", S(Stem::Reset)),
    ("reset", S(Stem::Reset)),
    ("retry", S(Stem::Retry)),
];

/// Words, in English, German, French, Spanish and Portuguese.
const WORDS: [(Word, &str); 26] = [
    (
        S(Stem::Wait),
        "eta wait waits waittime waitms waitseconds backoff cooldown cooling espera esperar \
         espere esperad patientez patienter attendez attendre attente aguarde aguardar warten \
         warte wartezeit wartedauer",
    ),
    (
        S(Stem::Retry),
        "volte try reattempt resend resubmit retry versuchen versuche versuchs versuch versucht \
         wiederholen wiederhole réessayez réessayer réessaye réessai reessayez reessayer \
         recommencez intente intenta intentar intentarlo intentarla inténtalo inténtelo \
         reintente reintenta reintentar reintento vuelva vuelve tente tenta tentar tentativa \
         repita repetir",
    ),
    (
        S(Stem::Again),
        "again erneut erneuter erneute nochmal nochmals nouveau nuevo nuevamente novamente wieder",
    ),
    (S(Stem::Waiting), "waiting"),
    (
        S(Stem::Held),
        "blocked suspended banned limited throttled restricted locked disabled unavailable",
    ),
    (
        S(Stem::Reset),
        "lifted lifts lift unblocked unblock unblocks cools cool restores restored restore \
         regain regains zurückgesetzt zurücksetzung reinicia reiniciará reiniciado reinicio \
         restablece restablecerá restablecido restablecimiento restabelecido redefinido \
         redefinida redefinição renovado renovada",
    ),
    (
        S(Stem::Open),
        "another available availablein availableat allow allowed allows next nextretry nextreset \
         nextattempt permitted possible verfügbar möglich nächste nächster nächsten \
         disponible disponibles disponível próximo próxima prochaine prochain back",
    ),
    (
        L(Lead::In),
        "in within under dans en em innerhalb dentro inside least most moins menos frühestens \
         mindestens maximal höchstens",
    ),
    (L(Lead::For), "for für durante pendant por"),
    (L(Lead::After), "after nach après después depois após tras"),
    (L(Lead::At), "at on um à às am las vers"),
    (
        L(Lead::Until),
        "until till til bis hasta até jusque ab from since",
    ),
    (Unit(SECOND), "seconds secs sec"),
    (Unit(MILLI), "ms msec millis milliseconds"),
    (Unit(MINUTE), "minutes mins"),
    (Unit(HOUR), "hours hrs"),
    (
        Polite,
        "please bitte veuillez and or then und oder et ou y o e kindly you just simply \
         alternatively otherwise",
    ),
    (Before, "before bevor avant antes"),
    (
        Limit,
        "limit limits quota quotas ban block restriction lockout penalty suspension window it \
         cooldowns limite límite kontingent rate usage",
    ),
    (
        Filler,
        "slot slots capacity otra vez novo token tokens a an the this your our about \
         approximately approx around roughly request requests attempt attempts call calls is will be are only up to time \
         of minimum maximum max min delay period off down additional access further estimated \
         estimate s as soon early earliest less than more nearly almost over between extra \
         full duration remaining later suggested recommended have has been can should must \
         may need sie es ca circa etwa ungefähr rund noch einmal weniger als nur ihr ihre \
         anfrage wird werden ist der die das den dem zu einem einer eine la le les l d de du \
         des au environ votre requête demande sera est ici plus tard un une al unos unas \
         aproximadamente alrededor su el los solicitud se será está favor más tarde lo una \
         que intento pelo daqui cerca sua uma os solicitação",
    ),
    (
        Negation,
        "no not none never cannot without nicht kein keine pas aucun ninguna ningún nenhum \
         não",
    ),
    (
        Past,
        "rolled fell fall falling went switched reverted failed fails failure timed timeout \
         timeouts killed crashed aborted abort cancelled canceled gave took taken elapsed \
         spent lasted ran stopped terminated disconnected closed dropped hung stalled lost \
         waited slept died exited interrupted broke responded answered completed finished \
         returned gone expired abgebrochen fehlgeschlagen abgelaufen unterbrochen beendet \
         gewartet vor échoué expiré interrompu dépassé délai falló agotado expiró cancelado \
         interrumpido hace falhou expirou interrompido",
    ),
    (
        Link,
        "connection connections stream socket peer tcp was were session disconnect",
    ),
    (Advice, "send sending submit trying retrying continue"),
    (Expires, "expires expire expiring ends end"),
    (
        Echo,
        "prompt prompts input inputs got value values content contents received query argument \
         arguments parameter text texts user said says string body messages sent wrote \
         instructions",
    ),
];

/// The span that a count in words starts: "an hour", "one or two minutes", "half a minute". `word` is
/// the first word of `text`. "A few minutes" and "a moment" are none.
pub(super) fn worded(word: &str, text: &str) -> Option<(Duration, usize)> {
    if word == "half" {
        let rest = text[word.len()..].trim_start_matches([' ', '-']);
        let rest = rest
            .strip_prefix("an ")
            .or(rest.strip_prefix("a "))
            .unwrap_or(rest);
        let unit = whole_unit(rest)?;
        let span = Duration::from_nanos(unit.nanos / 2);
        return Some((span, text.len() - rest.len() + unit.width));
    }
    let mut count = count(word)?;
    let mut rest = text[word.len()..].trim_start_matches([' ', '-']);
    if let Some((more, after)) = or_more(rest) {
        count = count.max(more);
        rest = after;
    }
    let unit = whole_unit(rest)?;
    let span = Duration::from_nanos(unit.nanos.checked_mul(count)?);
    Some((span, text.len() - rest.len() + unit.width))
}

/// "or two", "to three".
fn or_more(text: &str) -> Option<(u64, &str)> {
    let joints = ["or ", "to ", "oder ", "bis ", "ou ", "o ", "à ", "a "];
    let rest = joints.iter().find_map(|joint| text.strip_prefix(joint))?;
    let end = rest.find(|c: char| !c.is_alphabetic())?;
    Some((count(&rest[..end])?, rest[end..].trim_start()))
}

/// A unit of more than one letter: "a m" is no minute.
fn whole_unit(text: &str) -> Option<units::Unit> {
    let unit = units::read(text)?;
    let ends = !text[unit.width..].starts_with(char::is_alphanumeric);
    (unit.width > 1 && ends).then_some(unit)
}

fn count(word: &str) -> Option<u64> {
    Some(match word {
        "a" | "an" | "one" | "ein" | "eine" | "einer" | "einem" | "einen" | "un" | "une"
        | "una" | "um" | "uma" => 1,
        "two" | "zwei" | "deux" | "dos" | "dois" | "duas" => 2,
        "three" | "drei" | "trois" | "tres" | "três" => 3,
        "four" | "vier" | "quatre" | "cuatro" | "quatro" => 4,
        "five" | "fünf" | "cinq" | "cinco" => 5,
        "six" | "sechs" => 6,
        "seven" => 7,
        "eight" => 8,
        "nine" => 9,
        "ten" | "zehn" | "dix" | "diez" | "dez" => 10,
        "twelve" => 12,
        "fifteen" | "quinze" | "quince" => 15,
        "twenty" | "zwanzig" | "vingt" | "veinte" | "vinte" => 20,
        "thirty" | "dreißig" | "trente" | "treinta" | "trinta" => 30,
        "forty" => 40,
        "sixty" | "sechzig" => 60,
        "ninety" => 90,
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_word_says_one_thing() {
        let mut words: Vec<_> = WORDS
            .iter()
            .flat_map(|(_, words)| words.split_ascii_whitespace())
            .collect();
        words.sort_unstable();
        let twice = words.windows(2).find(|pair| pair[0] == pair[1]);
        assert_eq!(twice, None);
        let longest = words.iter().map(|word| word.len()).max();
        assert_eq!(longest, Some(LONGEST));
        assert_eq!(kind("retrydelay"), S(Stem::Wait));
        assert_eq!(kind("resetting"), S(Stem::Reset));
        assert_eq!(kind("after"), L(Lead::After));
        assert_eq!(kind("upstream"), Word::Other);
    }

    #[test]
    fn counts_in_words() {
        for (text, ms) in [
            ("an hour", 3_600_000),
            ("a minute or so", 60_000),
            ("one or two minutes", 120_000),
            ("five-minute", 300_000),
            ("half a minute", 30_000),
            ("half an hour", 1_800_000),
            ("half-hour", 1_800_000),
            ("thirty seconds", 30_000),
            ("eine stunde", 3_600_000),
            ("deux minutes", 120_000),
            ("un minuto", 60_000),
        ] {
            let word = text.split([' ', '-']).next().unwrap_or_default();
            let found = worded(word, text).map(|(span, _)| span.as_millis());
            assert_eq!(found, Some(ms), "{text}");
        }
        for text in [
            "a few minutes",
            "a moment",
            "half of it",
            "a m",
            "one request",
            "a minuted x",
        ] {
            let word = text.split(' ').next().unwrap_or_default();
            assert_eq!(worded(word, text), None, "{text}");
        }
    }
}
