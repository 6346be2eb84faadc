//! Well-known text of coordinate systems (OGC 01-009): `KEYWORD["text",number,KEYWORD[…]]`.

/// Nodes may lie in so many others.
const MAX_DEPTH: usize = 16;

/// A node.
#[derive(Debug, PartialEq)]
pub(super) struct Node {
    /// In capitals.
    pub(super) keyword: String,
    items: Vec<Item>,
}

#[derive(Debug, PartialEq)]
enum Item {
    Text(String),
    Word(String),
    Node(Node),
}

impl Node {
    /// The text that is this item.
    pub(super) fn text(&self, index: usize) -> Option<&str> {
        match self.items.get(index)? {
            Item::Text(text) => Some(text),
            _ => None,
        }
    }

    /// The number that is this item.
    pub(super) fn number(&self, index: usize) -> Option<f64> {
        match self.items.get(index)? {
            Item::Word(word) => word.parse().ok(),
            _ => None,
        }
    }

    /// Its own nodes with this keyword.
    pub(super) fn children<'n>(&'n self, keyword: &'n str) -> impl Iterator<Item = &'n Node> {
        self.items.iter().filter_map(move |item| match item {
            Item::Node(node) if node.keyword == keyword => Some(node),
            _ => None,
        })
    }

    /// The first of them.
    pub(super) fn child<'n>(&'n self, keyword: &'n str) -> Option<&'n Node> {
        self.children(keyword).next()
    }

    /// The first node with this keyword in it, however deep.
    pub(super) fn find<'n>(&'n self, keyword: &'n str) -> Option<&'n Node> {
        self.child(keyword).or_else(|| {
            self.items.iter().find_map(|item| match item {
                Item::Node(node) => node.find(keyword),
                _ => None,
            })
        })
    }
}

/// The node that a text is; what stands behind it is not looked at.
pub(super) fn read(text: &str) -> Option<Node> {
    match (Reader { rest: text }).item(0)? {
        Item::Node(node) => Some(node),
        _ => None,
    }
}

struct Reader<'t> {
    rest: &'t str,
}

impl Reader<'_> {
    fn eat(&mut self, marks: &[char]) -> bool {
        self.rest = self.rest.trim_start();
        match self.rest.strip_prefix(marks) {
            Some(rest) => {
                self.rest = rest;
                true
            }
            None => false,
        }
    }

    fn item(&mut self, depth: usize) -> Option<Item> {
        if depth > MAX_DEPTH {
            return None;
        }
        if self.eat(&['"']) {
            let (text, rest) = self.rest.split_once('"')?;
            self.rest = rest;
            return Some(Item::Text(text.to_owned()));
        }
        let end = self.rest.find(['[', '(', ',', ']', ')'])?;
        let (word, rest) = self.rest.split_at(end);
        let word = word.trim().to_owned();
        self.rest = rest;
        if !self.eat(&['[', '(']) {
            return Some(Item::Word(word));
        }
        let mut items = Vec::new();
        loop {
            items.push(self.item(depth + 1)?);
            if !self.eat(&[',']) {
                break;
            }
        }
        self.eat(&[']', ')']).then(|| Item::Node(Node { keyword: word.to_ascii_uppercase(), items }))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nodes_lie_in_nodes() {
        let node = read(r#" A [ "x", 1.5 , B["y, ]",C(-2)], b["z"] ] rest"#).unwrap();
        assert_eq!((node.keyword.as_str(), node.text(0), node.number(1)), ("A", Some("x"), Some(1.5)));
        assert_eq!(node.find("C").and_then(|c| c.number(0)), Some(-2.0));
        assert_eq!(node.children("B").count(), 2);
        for bad in ["", "x", "A[", "A[\"", "A[1", "A[1)B"] {
            assert!(read(bad).is_none_or(|node| node.keyword == "A"), "{bad}");
        }
        assert_eq!(read("A[1"), None);
    }
}
