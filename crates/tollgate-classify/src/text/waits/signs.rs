//! Chinese, Japanese and Korean: `请在 30 秒后重试`, `30秒後に再試行してください`, `30초 후에 다시 시도`.

use std::{collections::HashMap, sync::LazyLock, time::Duration};

use crate::text::units;

/// What signs say. These languages put no spaces between words, so some signs are looked for and all
/// others count as one word each.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Sign {
    /// Retry, again, reset.
    Ask,
    /// Wait.
    Patience,
    /// Please: what follows is asked for.
    Please,
    /// Says nothing.
    Filler,
    /// What came before has passed: timed out, failed.
    Past,
    /// Ends a clause.
    Comma,
    /// Ends a sentence.
    End,
    Other,
}

use Sign::{Ask, Comma, End, Filler, Other, Past, Patience, Please};

/// The longer of two comes first.
const SIGNS: [(&str, Sign); 123] = [
    ("。", End),
    ("！", End),
    ("？", End),
    ("；", End),
    ("，", Comma),
    ("、", Comma),
    // Chinese, in both scripts.
    ("请求", Other),
    ("請求", Other),
    ("请", Please),
    ("請", Please),
    ("重试", Ask),
    ("重試", Ask),
    ("再试", Ask),
    ("再試行", Ask),
    ("再試", Ask),
    ("重新", Ask),
    ("再次", Ask),
    ("再来", Ask),
    ("再來", Ask),
    ("恢复", Ask),
    ("恢復", Ask),
    ("重置", Ask),
    ("刷新", Ask),
    ("解除", Ask),
    ("解封", Ask),
    ("可用", Ask),
    ("继续", Ask),
    ("繼續", Ask),
    ("尝试", Ask),
    ("嘗試", Ask),
    ("冷却", Ask),
    ("冷卻", Ask),
    ("等", Patience),
    ("剩余", Patience),
    ("剩餘", Patience),
    ("还需", Patience),
    ("還需", Patience),
    ("残り", Patience),
    ("待", Patience),
    ("超时", Past),
    ("超時", Past),
    ("失败", Past),
    ("失敗", Past),
    ("中断", Past),
    ("中斷", Past),
    ("断开", Past),
    ("斷開", Past),
    ("关闭", Past),
    ("關閉", Past),
    ("取消", Past),
    ("结束", Past),
    ("結束", Past),
    ("过去", Past),
    ("過去", Past),
    ("在", Filler),
    ("于", Filler),
    ("於", Filler),
    ("将", Filler),
    ("將", Filler),
    ("约", Filler),
    ("約", Filler),
    ("大", Filler),
    ("概", Filler),
    ("至", Filler),
    ("少", Filler),
    ("需", Filler),
    ("要", Filler),
    ("还", Filler),
    ("還", Filler),
    ("再", Filler),
    ("到", Filler),
    ("候", Filler),
    ("稍", Filler),
    ("您", Filler),
    ("你", Filler),
    ("时", Filler),
    ("時", Filler),
    ("间", Filler),
    ("間", Filler),
    ("为", Filler),
    ("為", Filler),
    ("后", Filler),
    ("後", Filler),
    ("：", Filler),
    ("（", Filler),
    ("～", Filler),
    // Japanese.
    ("再度", Ask),
    ("再開", Ask),
    ("もう一度", Ask),
    ("お試し", Ask),
    ("やり直", Ask),
    ("リトライ", Ask),
    ("リセット", Ask),
    ("利用可能", Ask),
    ("タイムアウト", Past),
    ("切断", Past),
    ("まで", Filler),
    ("あと", Filler),
    ("は", Filler),
    ("に", Filler),
    ("を", Filler),
    ("の", Filler),
    ("で", Filler),
    // Korean.
    ("재시도", Ask),
    ("다시", Ask),
    ("초기화", Ask),
    ("재설정", Ask),
    ("기다", Patience),
    ("대기", Patience),
    ("시간 초과", Past),
    ("타임아웃", Past),
    ("실패", Past),
    ("중단", Past),
    ("종료", Past),
    ("까지", Filler),
    ("시간", Filler),
    ("시도", Filler),
    ("약", Filler),
    ("최소", Filler),
    ("하세요", Filler),
    ("해", Filler),
    ("주세요", Filler),
    ("바랍니다", Filler),
];

/// The sign a text starts with, and its width.
pub(super) fn read(text: &str) -> Option<(Sign, usize)> {
    static BY_FIRST: LazyLock<HashMap<char, Vec<(&str, Sign)>>> = LazyLock::new(|| {
        let mut by_first: HashMap<_, Vec<_>> = HashMap::new();
        for (sign, says) in SIGNS {
            let first = sign.chars().next().expect("no sign is empty");
            by_first.entry(first).or_default().push((sign, says));
        }
        by_first
    });
    let near = BY_FIRST.get(&text.chars().next()?)?;
    let (sign, says) = near.iter().find(|(sign, _)| text.starts_with(sign))?;
    Some((*says, sign.len()))
}

/// The word for "later" behind a span: `后`, `後`, `之后`, `후`, `뒤`.
pub(super) fn later(text: &str) -> bool {
    const LATER: [&str; 10] = [
        "后",
        "後",
        "之后",
        "之後",
        "以后",
        "以後",
        "이후",
        "후",
        "뒤",
        "が経過した後",
    ];
    follow(text) && starts(text.trim_start(), &LATER)
}

/// Signs stand behind a span at all.
pub(super) fn follow(text: &str) -> bool {
    text.trim_start().starts_with(|c| c >= '\u{2e80}')
}

/// A span has passed: `前`, `전`, or, behind "later", a failure.
pub(super) fn over(text: &str) -> bool {
    if !follow(text) {
        return false;
    }
    let text = text.trim_start();
    let text = text.strip_prefix(['之', '以']).unwrap_or(text);
    if starts(text, &["前", "전"]) {
        return true;
    }
    let rest = text.strip_prefix(['后', '後', '후', '뒤']).unwrap_or(text);
    let rest = rest.strip_prefix(['에', 'に']).unwrap_or(rest);
    matches!(read(rest.trim_start()), Some((Past, _)))
}

fn starts(text: &str, any: &[&str]) -> bool {
    any.iter().any(|start| text.starts_with(start))
}

/// A span in signs alone: `一分钟`, `三十秒`, `半小时`, `两个小时`.
pub(super) fn span(text: &str) -> Option<(Duration, usize)> {
    if let Some(rest) = text.strip_prefix('半') {
        // `半个小时`
        let unit = units::read(rest)?;
        return Some((Duration::from_nanos(unit.nanos / 2), 3 + unit.width));
    }
    let (count, width) = numeral(text)?;
    let unit = units::read(&text[width..])?;
    let span = Duration::from_nanos(unit.nanos.checked_mul(count)?);
    Some((span, width + unit.width))
}

/// A numeral below 100, and its width.
fn numeral(text: &str) -> Option<(u64, usize)> {
    let digit = |c: char| {
        Some(match c {
            '一' => 1,
            '二' | '两' | '兩' => 2,
            '三' => 3,
            '四' => 4,
            '五' => 5,
            '六' => 6,
            '七' => 7,
            '八' => 8,
            '九' => 9,
            _ => return None,
        })
    };
    let mut chars = text.chars().peekable();
    let mut signs = 0;
    let mut next = |what: &dyn Fn(char) -> Option<u64>| {
        let value = what(*chars.peek()?)?;
        chars.next();
        signs += 1;
        Some(value)
    };
    let first = next(&digit);
    let ten = next(&|c| (c == '十').then_some(10));
    let count = match (first, ten) {
        (first, Some(ten)) => first.unwrap_or(1) * ten + next(&digit).unwrap_or(0),
        (Some(first), None) => first,
        (None, None) => return None,
    };
    Some((count, signs * 3))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn spans_in_signs() {
        for (text, seconds) in [
            ("一分钟后", 60),
            ("三十秒", 30),
            ("十五分鐘", 900),
            ("二十四小时", 86_400),
            ("两小时", 7_200),
            ("半小时", 1_800),
            ("半个小时", 1_800),
        ] {
            let found = span(text).map(|(span, _)| span.as_secs());
            assert_eq!(found, Some(seconds), "{text}");
        }
        for text in ["", "一次", "几分钟", "百秒", "半", "请"] {
            assert_eq!(span(text), None, "{text}");
        }
    }
}
