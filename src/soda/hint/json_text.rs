//! Texts in hints.

/// A text as JSON in ASCII: a hint is sent in a header.
pub(super) fn json_text(text: &str) -> String {
    let mut units = [0; 2];
    let mut written = String::new();
    for letter in serde_json::Value::from(text).to_string().chars() {
        if letter.is_ascii() {
            written.push(letter);
        } else {
            written.extend(letter.encode_utf16(&mut units).iter().map(|unit| format!("\\u{unit:04x}")));
        }
    }
    written
}
