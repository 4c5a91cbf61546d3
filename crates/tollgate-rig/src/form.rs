//! A form, written out so that it can be sent again.

use bytes::Bytes;
use rig_http::http_client::{
    MultipartForm,
    multipart::{Part, PartContent},
};

/// Its content type and its bytes.
///
/// rig writes names and file names as they are, and a file name may be anybody's: what would end the
/// quoted string or the line is escaped, as browsers do.
pub(crate) fn written(form: MultipartForm) -> (String, Bytes) {
    let parts = form.into_parts().into_iter().map(escaped);
    let form = parts.fold(MultipartForm::new(), MultipartForm::part);
    let (boundary, body) = form.encode();
    (format!("multipart/form-data; boundary={boundary}"), body)
}

fn escaped(part: Part) -> Part {
    let (name, content, filename, kind) = part.into_pieces();
    let name = escape(&name);
    let mut part = match content {
        PartContent::Text(text) => Part::text(name, text),
        PartContent::Binary(data) => Part::bytes(name, data),
    };
    if let Some(filename) = filename {
        part = part.filename(escape(&filename));
    }
    match kind {
        Some(kind) => part.content_type(kind),
        None => part,
    }
}

fn escape(text: &str) -> String {
    text.replace('"', "%22")
        .replace('\r', "%0D")
        .replace('\n', "%0A")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_form_is_written_with_all_its_parts() {
        let file = Part::bytes("file", Bytes::from("RIFF"))
            .filename("a.wav")
            .content_type("audio/wav".parse().expect("a type"));
        let form = MultipartForm::new().text("model", "whisper-1").part(file);
        let (kind, body) = written(form);
        let boundary = kind
            .strip_prefix("multipart/form-data; boundary=")
            .expect("a boundary");
        let expected = format!(
            "--{boundary}\r\nContent-Disposition: form-data; name=\"model\"\r\n\r\nwhisper-1\r\n\
             --{boundary}\r\nContent-Disposition: form-data; name=\"file\"; filename=\"a.wav\"\r\n\
             Content-Type: audio/wav\r\n\r\nRIFF\r\n--{boundary}--\r\n"
        );
        assert_eq!(body, expected);
    }

    #[test]
    fn a_file_name_adds_no_lines() {
        let file = Part::bytes("file", Bytes::new()).filename("a\"\r\nX-Evil: 1");
        let (_, body) = written(MultipartForm::new().part(file));
        let text = String::from_utf8_lossy(&body);
        assert!(
            text.contains("filename=\"a%22%0D%0AX-Evil: 1\"\r\n"),
            "{text}"
        );
    }
}
