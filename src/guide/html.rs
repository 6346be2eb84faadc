//! Pages of the guide as HTML.

use super::{PAGES, without_hidden_lines};
use pulldown_cmark::{CowStr, Event, Options, Parser, Tag, TagEnd, html::push_html};

const STYLE: &str = include_str!("help.css");

/// A page, or a part of one.
pub(crate) fn page_as_html(title: &str, text: &str) -> String {
    let text = without_hidden_lines(text);
    let mut body = String::with_capacity(text.len() * 2);
    push_html(&mut body, with_anchors(Parser::new_ext(&text, Options::ENABLE_TABLES)));
    document(title, &body)
}

/// The list of pages.
pub(crate) fn contents_as_html() -> String {
    let mut list = String::from("<h1>Guide</h1>\n<ul>\n");
    for page in PAGES {
        list.push_str(&format!("<li><a href=\"/__mock/help/{}\">{}</a></li>\n", page.topic, page.title()));
    }
    list.push_str("<li><a href=\"/__mock/soql\">SoQL</a></li>\n</ul>\n");
    document("Guide", &list)
}

/// `title` is a heading of the guide or an error code, which hold no HTML.
fn document(title: &str, body: &str) -> String {
    format!(
        "<!doctype html>\n<html lang=\"en\">\n<meta charset=\"utf-8\">\n\
         <meta name=\"viewport\" content=\"width=device-width\">\n<title>{title}: soda-mock</title>\n\
         <style>{STYLE}</style>\n\
         <nav><a href=\"/__mock/\">soda-mock</a> <a href=\"/__mock/help/\">Guide</a></nav>\n<main>\n{body}</main>\n</html>\n"
    )
}

/// Headings get an id made of their text, and links to other pages lose their `.md`. HTML in the text is
/// shown as text.
fn with_anchors<'t>(events: Parser<'t>) -> impl Iterator<Item = Event<'t>> {
    let events: Vec<Event<'t>> = events.collect();
    let mut heading: Option<usize> = None;
    let mut out: Vec<Event<'t>> = Vec::with_capacity(events.len());
    let mut words = String::new();
    for event in events {
        match event {
            Event::Start(Tag::Heading { .. }) => {
                heading = Some(out.len());
                words.clear();
                out.push(event);
            }
            Event::End(TagEnd::Heading(_)) => {
                if let Some(start) = heading.take()
                    && let Event::Start(Tag::Heading { id, .. }) = &mut out[start]
                {
                    *id = Some(CowStr::from(anchor(&words)));
                }
                out.push(event);
            }
            Event::Start(Tag::Link { link_type, dest_url, title, id }) => {
                let dest_url = CowStr::from(help_link(&dest_url));
                out.push(Event::Start(Tag::Link { link_type, dest_url, title, id }));
            }
            Event::Html(text) | Event::InlineHtml(text) => out.push(Event::Text(text)),
            Event::Text(ref text) | Event::Code(ref text) => {
                words.push_str(text);
                out.push(event);
            }
            other => out.push(other),
        }
    }
    out.into_iter()
}

/// `errors.md#x` as `/__mock/help/errors#x`.
fn help_link(target: &str) -> String {
    if target.contains("://") || target.starts_with('#') {
        return target.to_owned();
    }
    let (file, fragment) = target.split_once('#').map_or((target, ""), |(file, fragment)| (file, fragment));
    let topic = file.strip_suffix(".md").unwrap_or(file);
    let mark = if fragment.is_empty() { "" } else { "#" };
    format!("/__mock/help/{topic}{mark}{fragment}")
}

/// Letters and digits in lower case, with `-` for blanks, as on sites that show CommonMark.
fn anchor(words: &str) -> String {
    let kept = words.chars().filter(|c| c.is_alphanumeric() || " -_.".contains(*c));
    kept.flat_map(char::to_lowercase).map(|c| if c == ' ' { '-' } else { c }).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn links_lead_to_pages_and_headings_have_ids() {
        let html = page_as_html(
            "x",
            "# One `two`\n\n[a](errors.md#b) [c](https://example.com/d.md)\n\n<script>x</script>",
        );
        assert!(html.contains("<h1 id=\"one-two\">"), "{html}");
        assert!(html.contains("href=\"/__mock/help/errors#b\""), "{html}");
        assert!(html.contains("href=\"https://example.com/d.md\""), "{html}");
        assert!(!html.contains("<script>"), "{html}");
    }

    #[test]
    fn every_page_is_rendered_whole() {
        for page in PAGES {
            let html = page_as_html(page.title(), page.text);
            assert!(html.contains(&format!("<title>{}: soda-mock</title>", page.title())), "{}", page.topic);
            assert_eq!(html.matches("<pre>").count(), page.text.matches("```").count() / 2, "{}", page.topic);
        }
        let contents = contents_as_html();
        assert!(PAGES.iter().all(|page| contents.contains(&format!("/__mock/help/{}\"", page.topic))));
    }
}
