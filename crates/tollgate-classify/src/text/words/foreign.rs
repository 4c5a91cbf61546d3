//! Limits and windows in other languages than English, as proxies write them.

use tollgate_core::{LimitKind, Window};

use super::Named;

const WINDOWS: [(Window, &[&str]); 5] = [
    (
        Window::Second,
        &[
            "每秒",
            "毎秒",
            "초당",
            "pro sekunde",
            "par seconde",
            "por segundo",
        ],
    ),
    (
        Window::Minute,
        &[
            "每分钟",
            "每分鐘",
            "每分",
            "1分钟内",
            "一分钟内",
            "1分鐘內",
            "毎分",
            "1分あたり",
            "1分間",
            "분당",
            "pro minute",
            "par minute",
            "por minuto",
        ],
    ),
    (
        Window::Hour,
        &[
            "每小时",
            "每小時",
            "1小时内",
            "一小时内",
            "1小時內",
            "毎時",
            "1時間あたり",
            "1時間の",
            "시간당",
            "pro stunde",
            "stündlich",
            "stundenlimit",
            "par heure",
            "horaire",
            "por hora",
        ],
    ),
    (
        Window::Day,
        &[
            "每日",
            "每天",
            "1天内",
            "一天内",
            "24小时内",
            "24小時內",
            "当日",
            "當日",
            "今日",
            "今天",
            "日限额",
            "日限額",
            "日配额",
            "毎日",
            "本日",
            "1日の",
            "1日あたり",
            "一日",
            "日次",
            "일일",
            "하루",
            "오늘",
            "pro tag",
            "täglich",
            "tageslimit",
            "tageskontingent",
            "heutig",
            "par jour",
            "quotidien",
            "journali",
            "aujourd'hui",
            "por día",
            "al día",
            "diario",
            "diaria",
            "por dia",
            "diári",
        ],
    ),
    (
        Window::Month,
        &[
            "每月",
            "本月",
            "当月",
            "當月",
            "月度",
            "毎月",
            "今月",
            "月間",
            "월간",
            "매월",
            "이번 달",
            "pro monat",
            "monatlich",
            "diesen monat",
            "par mois",
            "mensuel",
            "por mes",
            "mensual",
            "por mês",
            "mensal",
        ],
    ),
];

/// What is counted, where a window or a word of too much stands beside it.
const KINDS: [(LimitKind, &[&str]); 2] = [
    (
        LimitKind::Tokens,
        &[
            "トークン",
            "토큰",
            "jetons",
            "token数",
            "token 数",
            "tokens par",
            "tokens por",
            "tokens pro",
        ],
    ),
    (
        LimitKind::Requests,
        &[
            "请求",
            "請求",
            "调用次数",
            "リクエスト",
            "요청",
            "호출",
            "anfragen",
            "requêtes",
            "solicitudes",
            "peticiones",
            "requisições",
            "solicitações",
        ],
    ),
];

const CONCURRENCY: [&str; 12] = [
    "并发",
    "並發",
    "併發",
    "同時リクエスト",
    "同時接続",
    "동시 요청",
    "동시 접속",
    "gleichzeitige",
    "simultané",
    "simultáne",
    "simultâne",
    "concurrente",
];

/// What a text in another language says about a limit.
pub(super) fn named(text: &str) -> Named {
    let text = text.to_lowercase();
    let ascii = text.is_ascii();
    let says = |words: &[&str]| {
        let mut words = words.iter().filter(|word| !ascii || word.is_ascii());
        words.any(|word| text.contains(word))
    };
    if says(&CONCURRENCY) {
        return Named {
            limit: Some(LimitKind::Concurrency),
            window: None,
        };
    }
    let window = WINDOWS.iter().find(|(_, words)| says(words));
    let window = window.map(|(window, _)| *window);
    let kind = KINDS.iter().find(|(_, words)| says(words));
    let limit = kind.filter(|_| window.is_some() && window != Some(Window::Month));
    Named {
        limit: limit.map(|(kind, _)| *kind),
        window,
    }
}

#[cfg(test)]
mod tests {
    use tollgate_core::{
        LimitKind::{Concurrency, Requests, Tokens},
        Window::{Day, Hour, Minute, Month, Second},
    };

    use super::*;

    #[test]
    fn limits_in_other_languages() {
        for (text, limit, window) in [
            ("每分钟请求数超过限制", Some(Requests), Some(Minute)),
            ("您今日的额度已用完", None, Some(Day)),
            ("每日请求次数已达上限", Some(Requests), Some(Day)),
            ("每秒请求过多", Some(Requests), Some(Second)),
            ("每分鐘 token 數", None, Some(Minute)),
            ("本月额度已用完", None, Some(Month)),
            ("并发请求数超限", Some(Concurrency), None),
            (
                "1日のリクエスト数の上限に達しました",
                Some(Requests),
                Some(Day),
            ),
            ("毎分のトークン数", Some(Tokens), Some(Minute)),
            ("同時リクエストが多すぎます", Some(Concurrency), None),
            (
                "분당 요청 한도를 초과했습니다",
                Some(Requests),
                Some(Minute),
            ),
            ("일일 토큰 한도 초과", Some(Tokens), Some(Day)),
            ("100 Anfragen pro Minute", Some(Requests), Some(Minute)),
            ("Das Tageslimit ist erreicht", None, Some(Day)),
            ("stündliches Limit", None, Some(Hour)),
            ("60 requêtes par minute", Some(Requests), Some(Minute)),
            ("10000 tokens par jour", Some(Tokens), Some(Day)),
            ("Límite diario de solicitudes", Some(Requests), Some(Day)),
            (
                "demasiadas solicitudes simultáneas",
                Some(Concurrency),
                None,
            ),
            ("20 requisições por hora", Some(Requests), Some(Hour)),
            ("limite diário", None, Some(Day)),
            ("1分钟内最多请求60次", Some(Requests), Some(Minute)),
            ("请1分钟后重试", None, None),
            ("速率限制", None, None),
            ("rate limit reached", None, None),
        ] {
            let got = named(text);
            assert_eq!((got.limit, got.window), (limit, window), "{text}");
        }
    }
}
