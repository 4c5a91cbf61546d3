//! Reads numbers as people write them: `1.5`, `86,400`, `86 400`, `1_000`, and `1,5` or `86.400`
//! where the language has it so.

/// More digits than this in one group are no number of seconds.
const DIGITS: usize = 20;

/// More groups than this are a list.
const GROUPS: usize = 7;

/// A number of zero or more, with at most fifteen decimals.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Number {
    whole: u64,
    decimals: u64,
    scale: u64,
}

impl Number {
    /// As many units, each of so many nanoseconds. Rounded up.
    pub(crate) fn of(self, unit: u64) -> Option<u128> {
        let whole = u128::from(self.whole).checked_mul(unit.into())?;
        let part = u128::from(self.decimals) * u128::from(unit);
        whole.checked_add(part.div_ceil(self.scale.into()))
    }
}

/// Which of point and comma starts the decimals.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Decimals {
    /// `86,400.5`; a comma that cannot separate thousands starts decimals here too.
    Point,
    /// `86.400,5`, as in German, French, Spanish and Portuguese.
    Comma,
}

/// The digits a text starts with, in groups, before anybody knows what the marks between them mean.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Digits<'a> {
    text: &'a str,
    /// Where each group starts and ends.
    groups: [(u8, u8); GROUPS],
    count: usize,
}

impl<'a> Digits<'a> {
    /// `None` where the text starts with no digit, or where the digits are too many.
    pub(crate) fn read(text: &'a str) -> Option<Self> {
        let bytes = text.as_bytes();
        let mut found = Self {
            text,
            groups: [(0, 0); GROUPS],
            count: 0,
        };
        let mut start = 0;
        loop {
            let rest = bytes.get(start..)?;
            let digit = |b: &&u8| b.is_ascii_digit();
            let width = rest.iter().take(DIGITS + 1).take_while(digit).count();
            if width == 0 || width > DIGITS || found.count == GROUPS {
                return None;
            }
            let end = start + width;
            found.groups[found.count] = (u8::try_from(start).ok()?, u8::try_from(end).ok()?);
            found.count += 1;
            if !found.goes_on(bytes, end) {
                return Some(found);
            }
            start = end + 1;
        }
    }

    /// A mark at `end` joins the next group to this number.
    fn goes_on(&self, bytes: &[u8], end: usize) -> bool {
        let (Some(&mark), Some(next)) = (bytes.get(end), bytes.get(end + 1)) else {
            return false;
        };
        if !next.is_ascii_digit() {
            return false;
        }
        match mark {
            b'.' | b',' => true,
            // These also stand between numbers, so they join thousands only: "86 400", "1_000".
            b' ' | b'_' | b'\'' => {
                let thousands = bytes[end + 1..].iter().take(4);
                let three = thousands.take_while(|b| b.is_ascii_digit()).count() == 3;
                let same = (1..self.count).all(|i| self.mark(i) == mark);
                three && same && self.leads()
            }
            _ => false,
        }
    }

    /// How many bytes the number takes.
    pub(crate) fn width(&self) -> usize {
        usize::from(self.groups[self.count - 1].1)
    }

    /// The number that ends before the first space, where that says less.
    pub(crate) fn before_space(&self) -> Option<Self> {
        let spaced = (1..self.count).find(|&i| self.mark(i) == b' ')?;
        Some(Self {
            count: spaced,
            ..*self
        })
    }

    fn group(&self, i: usize) -> &'a str {
        let (start, end) = self.groups[i];
        &self.text[usize::from(start)..usize::from(end)]
    }

    /// The mark in front of group `i`.
    fn mark(&self, i: usize) -> u8 {
        self.text.as_bytes()[usize::from(self.groups[i].0) - 1]
    }

    /// The first group may stand in front of thousands.
    fn leads(&self) -> bool {
        let first = self.group(0);
        first.len() <= 3 && !first.starts_with('0')
    }

    /// What the digits mean.
    pub(crate) fn number(&self, decimals: Decimals) -> Option<Number> {
        let last = self.count - 1;
        if last == 0 {
            return self.join(1);
        }
        let mark = self.mark(last);
        let earlier = self.mark(1);
        // Groups of three behind one and the same mark.
        let thousands = |to: usize| {
            let alike = |i| self.mark(i) == earlier && self.group(i).len() == 3;
            self.leads() && (1..=to).all(alike)
        };
        if last > 1 && mark != earlier {
            // "1,234.5"
            let fits = matches!(mark, b'.' | b',') && thousands(last - 1);
            return fits.then(|| self.join(last))?;
        }
        if last > 1 || !matches!(mark, b'.' | b',') {
            return thousands(last).then(|| self.join(self.count))?;
        }
        let separates = match decimals {
            Decimals::Point => mark == b',',
            Decimals::Comma => mark == b'.',
        };
        if separates && thousands(last) {
            self.join(self.count)
        } else {
            self.join(1)
        }
    }

    /// The first groups are the whole number, the one behind them its decimals.
    fn join(&self, whole: usize) -> Option<Number> {
        let mut number: u64 = 0;
        for digit in (0..whole).flat_map(|i| self.group(i).bytes()) {
            number = number.checked_mul(10)?.checked_add((digit - b'0').into())?;
        }
        let decimals = if whole < self.count {
            self.group(whole)
        } else {
            ""
        };
        let kept = &decimals[..decimals.len().min(15)];
        Some(Number {
            whole: number,
            decimals: kept.parse().unwrap_or(0),
            scale: 10_u64.pow(u32::try_from(kept.len()).ok()?),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// In thousandths.
    fn read(text: &str, decimals: Decimals) -> Option<u128> {
        let digits = Digits::read(text)?;
        assert_eq!(digits.width(), text.len(), "{text}");
        digits.number(decimals)?.of(1_000)
    }

    #[test]
    fn numbers_as_people_write_them() {
        for (text, point, comma) in [
            ("30", Some(30_000), Some(30_000)),
            ("1.5", Some(1_500), Some(1_500)),
            ("1,5", Some(1_500), Some(1_500)),
            ("86,400", Some(86_400_000), Some(86_400)),
            ("86.400", Some(86_400), Some(86_400_000)),
            ("86 400", Some(86_400_000), Some(86_400_000)),
            ("86'400", Some(86_400_000), Some(86_400_000)),
            ("1_000", Some(1_000_000), Some(1_000_000)),
            ("1,234,567", Some(1_234_567_000), Some(1_234_567_000)),
            ("1.234.567", Some(1_234_567_000), Some(1_234_567_000)),
            ("1,234.5", Some(1_234_500), Some(1_234_500)),
            ("1.234,5", Some(1_234_500), Some(1_234_500)),
            ("1 234,5", Some(1_234_500), Some(1_234_500)),
            ("0,500", Some(500), Some(500)),
            ("0.500", Some(500), Some(500)),
            ("1234,567", Some(1_234_567), Some(1_234_567)),
            ("36.429760048", Some(36_430), Some(36_430)),
            ("1.2.3", None, None),
            ("5,10,15", None, None),
            ("1,23.4", None, None),
        ] {
            assert_eq!(read(text, Decimals::Point), point, "{text}");
            assert_eq!(read(text, Decimals::Comma), comma, "{text}");
        }
    }

    #[test]
    fn where_a_number_ends() {
        for (text, width) in [
            ("30.", 2),
            ("30, 40", 2),
            ("5 300 000", 9),
            ("5 30", 1),
            ("5 3000", 1),
            ("2026 400", 4),
            ("1_00", 1),
            ("5's", 1),
        ] {
            let digits = Digits::read(text).map(|digits| digits.width());
            assert_eq!(digits, Some(width), "{text}");
        }
        assert!(Digits::read("").is_none());
        assert!(Digits::read("x").is_none());
        assert!(Digits::read(&"1".repeat(21)).is_none());
        assert!(Digits::read(&"1,".repeat(60)).is_none());
    }
}
