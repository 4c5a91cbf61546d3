//! Waits in prose, and what looks like one.

use std::time::{Duration, SystemTime};

use super::wait;
use crate::text::{lower, tidy};

fn ms(text: &str) -> Option<u128> {
    // 2026-10-02T12:00:00Z
    let now = SystemTime::UNIX_EPOCH + Duration::from_secs(1_790_942_400);
    let mut lines = String::new();
    for line in text.lines() {
        tidy(line, &mut lines);
        lines.push('\n');
    }
    wait(&lower(&lines), Some(now)).map(|wait| wait.as_millis())
}

#[test]
fn waits_in_prose() {
    for (text, want) in [
        ("Please try again in 644ms. Visit", 644),
        ("please try again after 1 seconds", 1_000),
        ("Please retry in 36.429760048s.", 36_430),
        ("Please retry after 86400 seconds. Please go", 86_400_000),
        ("Your quota will reset after 19h14m47s.", 69_287_000),
        ("try again in about 1 hour", 3_600_000),
        ("Try again in 2m 30s", 150_000),
        ("Retry After 99 Seconds", 99_000),
        ("wait 30 seconds", 30_000),
        ("Please wait at least 2 minutes before retrying", 120_000),
        ("in 5 min, or retry in 5 minutes", 300_000),
        ("Retry-After: 17", 17_000),
        ("retry_after_ms=1500", 1_500),
        (r#"{"retrydelay":"36s"}"#, 36_000),
        ("limit resets at 2026-10-02T12:01:00Z", 60_000),
        ("try again at 1790942460", 60_000),
        (
            "You will regain access on 2026-10-02 at 13:00 UTC.",
            3_600_000,
        ),
        ("try again in an hour", 3_600_000),
        ("wait a minute", 60_000),
        ("available in 00:00:42", 42_000),
        ("quota will be replenished in 2.12 days", 183_168_000),
        ("请在 30 秒后重试", 30_000),
        ("retry in 5s or wait 10s", 10_000),
        ("After 30 seconds, please try again.", 30_000),
        ("next request allowed in 12s", 12_000),
        ("Expected available in 1 second.", 1_000),
        ("Your rate limit resets in ~9s.", 9_000),
        ("Retry after Fri, 02 Oct 2026 12:00:05 GMT", 5_000),
    ] {
        assert_eq!(ms(text), Some(want), "{text}");
    }
}

fn all(rows: &[(&str, u128)]) {
    let wrong: Vec<_> = rows
        .iter()
        .filter(|(text, want)| ms(text) != Some(*want))
        .map(|(text, want)| format!("{text}: {:?}, not {want}", ms(text)))
        .collect();
    assert!(wrong.is_empty(), "\n{}", wrong.join("\n"));
}

fn none(texts: &[&str]) {
    let read = |text: &&&str| ms(text).is_some();
    let wrong: Vec<_> = texts
        .iter()
        .filter(read)
        .map(|text| format!("{text}: {:?}", ms(text)))
        .collect();
    assert!(wrong.is_empty(), "\n{}", wrong.join("\n"));
}

#[test]
fn times_of_day_are_moments() {
    all(&[
        ("Your limit resets at 15:04:05 UTC.", 11_045_000),
        ("Your limit resets at 11:00 UTC.", 82_800_000),
        ("limit reached, resets 3pm (UTC)", 10_800_000),
        ("Resets at 3:30 PM UTC", 12_600_000),
        ("try again after 14:00 GMT", 7_200_000),
        ("Please retry at 14:00+02:00", 0),
        ("available again at 00:00 UTC", 43_200_000),
        ("quota resets daily, next reset: 00:00 UTC", 43_200_000),
        ("Resets October 3 at 12:00 UTC", 86_400_000),
        (
            "access will be restored on Oct 2, 2026 at 1:00 PM (UTC)",
            3_600_000,
        ),
        ("disponible à 13:00 UTC", 3_600_000),
        ("Retry after 2 October 2026, 12:00:05 UTC", 5_000),
        ("Quota will be replenished in 02:29:36", 8_976_000),
        ("Retry after 00:00:42", 42_000),
    ]);
    none(&[
        "Your limit resets at 15:04:05.",
        "resets 3pm (America/New_York)",
        "limit resets at 12:30 tomorrow",
        "Reset: 15:04:05",
        "try again after 15:04:05",
        "your limit will reset at 2026-08-27 21:31:39",
        "resets on October 5",
        "Dein Limit wird um 15:04 zurückgesetzt",
        "at 15:04:05 UTC the upstream failed",
    ]);
}

#[test]
fn thousands_and_decimals() {
    all(&[
        ("Please retry after 86,400 seconds.", 86_400_000),
        ("retry after 86,400", 86_400_000),
        ("Try again in 1,500ms.", 1_500),
        ("wait 1 200 s", 1_200_000),
        ("Bitte warten Sie 86.400 Sekunden.", 86_400_000),
        ("Bitte warten Sie 1,5 Sekunden.", 1_500),
        (
            "Veuillez réessayer dans 86\u{202f}400 secondes.",
            86_400_000,
        ),
        ("retry in 1_000 ms", 1_000),
        ("retry in 1.5 s", 1_500),
        ("retry in 1,234.5 s", 1_234_500),
        ("retry_after: 2,000, limit: 5", 2_000_000),
    ]);
}

#[test]
fn ranges_end_with_the_larger() {
    all(&[
        ("Please retry in 5 to 10 seconds.", 10_000),
        ("Try again in 5-10 seconds", 10_000),
        ("wait between 5 and 10 s", 10_000),
        ("try again in under 5 minutes", 300_000),
        ("please retry within 30 s", 30_000),
        ("wait up to 1 minute", 60_000),
        ("available in less than 2 minutes", 120_000),
        ("try again in about 20s", 20_000),
        ("wait for at least 30 seconds", 30_000),
        ("please wait 30s to 1 minute before retrying", 60_000),
        ("try again in one or two minutes", 120_000),
        ("try again in half a minute", 30_000),
        ("wait a minimum of 15 seconds", 15_000),
        ("Please wait another 2 min", 120_000),
        ("Please try again in 5–10 seconds", 10_000),
    ]);
}

#[test]
fn advice_behind_the_time() {
    all(&[
        ("After 30 seconds, please try again.", 30_000),
        ("Rate limited. In 5 minutes you can try again.", 300_000),
        ("Please, after 20s retry.", 20_000),
        (
            "You have to stop for 30 seconds before sending another request",
            30_000,
        ),
        ("2 minutes until reset", 120_000),
        ("The model is unavailable for the next 5 minutes.", 300_000),
        ("You cannot send requests: wait 12 s", 12_000),
        ("After 10 minutes your limit resets.", 600_000),
        ("Come back in 3 hours", 10_800_000),
        ("Please back off for 7 seconds", 7_000),
        ("Not available until 13:00 UTC", 3_600_000),
        ("Your block expires in 90 seconds", 90_000),
        ("You can make another request in 12.5 seconds.", 12_500),
        ("please wait 10 more seconds before retrying", 10_000),
        ("Next available slot in 8 s", 8_000),
        ("You are blocked for 10 minutes", 600_000),
        ("Your key was suspended until 13:00 UTC", 3_600_000),
        ("rate limited for the next 30 seconds", 30_000),
        ("the bucket refills in 7s", 7_000),
        ("queued, ETA: 30 seconds", 30_000),
    ]);
}

#[test]
fn what_has_passed() {
    none(&[
        "Error from upstream after 120s - please retry your request",
        "Worker killed after 300 seconds; please retry.",
        "Request timed out after 5000ms",
        "timed out after 60 seconds, please try again later",
        "No response within 30 seconds, please retry.",
        "Upstream closed the connection after 15s. Try again.",
        "The connection was reset after 30 seconds",
        "connection reset after 30 s",
        "failed again after 12s",
        "gave up waiting after 45 seconds",
        "Timeout waiting 30s for a free slot",
        "No workers available in 30 s",
        "The model took 40 seconds, please retry",
        "upstream timed out (after 60 s), please retry",
        "Timed out: after 60 s, retry",
        "We waited 30s before retrying",
        "rolled back after 5 seconds",
        "Retry failed after 30 s",
        "last retry 20s ago",
        "you exceeded the limit in the last 5 minutes, please retry later",
        "After 120s the upstream failed; please retry",
        "retried 3 times after 30s",
        "Maximum wait time of 120 seconds exceeded, try again",
        "The request was blocked after 5 minutes",
        "requests are limited to 10 in 60 seconds",
        "No requests allowed in 30 s without a key",
        "Der Aufruf wurde nach 30 Sekunden abgebrochen, bitte erneut versuchen",
        "La requête a expiré après 30 secondes, veuillez réessayer",
        "La solicitud expiró después de 30 segundos, inténtelo de nuevo",
        "A solicitação expirou após 30 segundos, tente novamente",
        "请求在 120 秒后超时,请重试",
        "请求 30 秒后失败。请重试",
        "30秒内请求过多，请稍后重试",
        "等待了 30 秒",
        "リクエストは30秒後にタイムアウトしました。再試行してください",
        "요청이 30초 후에 시간 초과되었습니다. 다시 시도하세요",
    ]);
}

#[test]
fn what_is_counted() {
    none(&[
        "tokens available: 5000, requested 6000",
        "retry 3 times",
        "max retry: 3, used 3",
        "available 5 m tokens",
        "Limit 50 per 60s",
        "requests allowed: 60",
        "reset every 24 hours",
        "backend in 30s mode",
        "请控制请求频率在 1 分钟 60 次",
        "wait a few minutes",
        "try again in a couple of minutes",
        "next 5 requests",
        "your token expires in 30 days",
    ]);
}

#[test]
fn what_users_wrote() {
    none(&[
        "Your prompt 'try again in 5 hours' was refused",
        "Invalid value: \"please retry after 30 seconds\"",
        "but got 'it's over, retry in 5s' instead",
        "Unexpected input `wait 20 s`, try something else",
        "The text \"retry in 5 minutes",
    ]);
    all(&[
        (
            "Your prompt 'try again in 5 hours' was refused. Retry in 7s.",
            7_000,
        ),
        ("{'message': 'Please retry after 60 seconds'}", 60_000),
        ("said 'wait 5s'\nretry in 6 s", 6_000),
    ]);
}

#[test]
fn german() {
    all(&[
        ("Bitte versuchen Sie es in 30 Sekunden erneut.", 30_000),
        (
            "Zu viele Anfragen. Bitte in 30 Sekunden erneut versuchen.",
            30_000,
        ),
        ("Bitte warten Sie 2 Minuten.", 120_000),
        ("Versuche es nach 2 Minuten noch einmal", 120_000),
        ("In 45 Sekunden erneut versuchen", 45_000),
        (
            "Das Limit wird in 1 Stunde und 5 Minuten zurückgesetzt.",
            3_900_000,
        ),
        ("Wieder verfügbar in 3 Tagen", 259_200_000),
        ("Wartezeit: 20 Sekunden", 20_000),
        ("Nächster Versuch in 10 Sek.", 10_000),
        ("Bitte in 5 Min. erneut versuchen", 300_000),
        ("Erneuter Versuch in 8 Sekunden möglich", 8_000),
        ("Bitte wiederholen Sie die Anfrage in einer Minute.", 60_000),
    ]);
}

#[test]
fn french_spanish_portuguese() {
    all(&[
        (
            "Trop de requêtes. Veuillez réessayer dans 30 secondes.",
            30_000,
        ),
        ("Réessayez après 2 minutes", 120_000),
        ("Veuillez patienter 20 secondes", 20_000),
        (
            "Merci d'attendre au moins 1 minute; attendez 1 heure",
            3_600_000,
        ),
        ("La limite sera réinitialisée dans 5 minutes", 300_000),
        ("Nouvelle tentative possible dans 15 s", 15_000),
        ("Inténtalo de nuevo en 30 segundos.", 30_000),
        (
            "Por favor, inténtelo de nuevo después de 2 minutos",
            120_000,
        ),
        ("Vuelva a intentarlo en 1 hora", 3_600_000),
        ("Espere 20 segundos antes de reintentar", 20_000),
        ("El límite se restablece en 3 horas", 10_800_000),
        ("Tente novamente em 30 segundos.", 30_000),
        ("Por favor, aguarde 2 minutos", 120_000),
        ("Tente novamente após 1 hora", 3_600_000),
        ("Disponível em 5 minutos", 300_000),
        ("Inténtalo otra vez en 10 segundos", 10_000),
        ("Tente de novo em 10 segundos", 10_000),
    ]);
}

#[test]
fn chinese_japanese_korean() {
    all(&[
        ("请在 30 秒后重试", 30_000),
        ("請在 30 秒後重試", 30_000),
        ("请求过于频繁，请30秒后再试。", 30_000),
        ("請求過於頻繁，請於 2 分鐘後再試", 120_000),
        ("请等待 45 秒", 45_000),
        ("触发限流，5 分钟后恢复", 300_000),
        ("额度将在 2小时30分钟 后重置", 9_000_000),
        ("一分钟后重试", 60_000),
        ("請稍候 10 秒", 10_000),
        ("30s 后重试", 30_000),
        ("30秒後に再試行してください", 30_000),
        ("30 秒後にもう一度お試しください。", 30_000),
        ("30秒お待ちください", 30_000),
        ("5分後にリセットされます", 300_000),
        ("1時間後に再度お試しください", 3_600_000),
        ("再試行まであと20秒", 20_000),
        ("30초 후에 다시 시도해 주세요.", 30_000),
        ("2분 후 재시도하세요", 120_000),
        ("1시간 뒤 다시 시도", 3_600_000),
        ("30초 동안 기다려 주세요", 30_000),
        ("대기 시간: 15초", 15_000),
        ("7일 후 초기화됩니다", 604_800_000),
        ("다시 시도하세요 (30초)", 30_000),
        ("已限流，剩余时间：60秒", 60_000),
        ("冷却中，还需 12 秒", 12_000),
        ("お待ちください（残り30秒）", 30_000),
    ]);
}

#[test]
fn what_is_no_wait() {
    for text in [
        "try again in a while",
        "Please wait a few minutes before you try again.",
        "please wait a moment and try again",
        "50 per 86400s exceeded",
        "we retry 3 times",
        "your limit will reset at 2026-08-27 21:31:39",
        "resets at 12:30",
        "created within the last 5 minutes",
        "the timeout sent in the request: 5000ms",
        "retry after inf seconds",
        "the worker crashed after 20s",
        "upstream timed out after 60 seconds. please try again",
        "the call waited 30s in the queue",
        "retry after -5 seconds x",
        "",
    ] {
        assert_eq!(ms(text), None, "{text}");
    }
}
