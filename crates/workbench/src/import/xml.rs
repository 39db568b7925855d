//! XML as a walk over tags: nothing is loaded from elsewhere, no entity of the document's own is followed, and what is cut
//! off is read as far as it goes.

use quick_xml::XmlVersion;
use quick_xml::events::{BytesStart, Event};

/// Levels to which elements nest.
const DEPTH_MAX: usize = 200;
/// Attributes of one element that are read.
const ATTRIBUTES_MAX: usize = 64;

/// A step of the walk.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Tag {
    /// An element begins. Its name is without a prefix.
    Open { name: String, attributes: Vec<(String, String)> },
    /// The innermost element ends.
    Close,
    /// Text.
    Text(String),
}

impl Tag {
    /// The value of an attribute, found by its name without a prefix.
    pub(super) fn attribute(&self, wanted: &str) -> Option<&str> {
        let Self::Open { attributes, .. } = self else { return None };
        attributes.iter().find(|(name, _)| name == wanted).map(|(_, value)| value.as_str())
    }
}

/// A walk over a document.
pub(super) struct Walk<'a> {
    reader: quick_xml::Reader<&'a [u8]>,
    depth: usize,
    closes: bool,
    /// Why the walk ended before the document did.
    pub(super) stopped: Option<String>,
}

impl<'a> Walk<'a> {
    pub(super) fn over(text: &'a str) -> Self {
        let mut reader = quick_xml::Reader::from_str(text);
        reader.config_mut().allow_dangling_amp = true;
        Self { reader, depth: 0, closes: false, stopped: None }
    }

    /// The line that was reached is not known to the reader; the byte is.
    fn stop(&mut self, why: &str) -> Option<Tag> {
        let at = self.reader.error_position().max(self.reader.buffer_position());
        self.stopped = Some(format!("{why} (at byte {at})"));
        None
    }

    /// The next step; nothing at the end, or where the walk had to stop.
    pub(super) fn step(&mut self) -> Option<Tag> {
        if std::mem::take(&mut self.closes) {
            return Some(Tag::Close);
        }
        loop {
            if self.stopped.is_some() {
                return None;
            }
            match self.reader.read_event() {
                Ok(Event::Start(start)) => {
                    self.depth += 1;
                    if self.depth > DEPTH_MAX {
                        return self.stop("its elements nest too deep");
                    }
                    return Some(open(&start));
                }
                Ok(Event::Empty(start)) => {
                    self.closes = true;
                    return Some(open(&start));
                }
                Ok(Event::End(_)) => {
                    self.depth = self.depth.saturating_sub(1);
                    return Some(Tag::Close);
                }
                Ok(Event::Text(text)) => {
                    let text = text.into_inner();
                    if !text.trim().is_empty() {
                        return Some(Tag::Text(text.into_owned()));
                    }
                }
                Ok(Event::CData(text)) => return Some(Tag::Text(text.into_inner().into_owned())),
                Ok(Event::GeneralRef(reference)) => {
                    let known = match reference.resolve_char_ref() {
                        Ok(Some(c)) => Some(c.to_string()),
                        _ => {
                            quick_xml::escape::resolve_predefined_entity(&reference).map(ToString::to_string)
                        }
                    };
                    // Entities of the document's own are not followed: they may stand for a file or for a billion letters.
                    return Some(Tag::Text(known.unwrap_or_else(|| format!("&{};", &*reference))));
                }
                Ok(Event::DocType(declaration)) => {
                    if declaration.contains('[') {
                        return self.stop("it declares entities of its own, which are not followed");
                    }
                }
                Ok(Event::Eof) if self.depth > 0 => return self.stop("it is cut off"),
                Ok(Event::Eof) => return None,
                Ok(Event::Comment(_) | Event::Decl(_) | Event::PI(_)) => {}
                Err(error) => return self.stop(&error.to_string()),
            }
        }
    }
}

fn open(start: &BytesStart<'_>) -> Tag {
    let mut attributes = start.attributes();
    let attributes = attributes.with_checks(false).flatten().take(ATTRIBUTES_MAX);
    let attributes = attributes.map(|attribute| {
        let value = attribute.normalized_value(XmlVersion::Explicit1_0);
        // A value with an entity of the document's own stays as it is written.
        let value = value.unwrap_or_else(|_| attribute.value.clone());
        (attribute.key.local_name().as_ref().to_string(), value.into_owned())
    });
    Tag::Open { name: start.local_name().as_ref().to_string(), attributes: attributes.collect() }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn all(text: &str) -> (Vec<Tag>, Option<String>) {
        let mut walk = Walk::over(text);
        let tags = std::iter::from_fn(|| walk.step()).collect();
        (tags, walk.stopped)
    }

    #[test]
    fn entities_of_the_document_are_refused_and_never_followed() {
        let (tags, stopped) = all("<!DOCTYPE a [<!ENTITY x SYSTEM \"file:///etc/passwd\">]><a>&x;</a>");
        assert!(tags.is_empty() && stopped.is_some_and(|why| why.contains("entities")));
        let (tags, stopped) = all("<!DOCTYPE a><a b=\"&x;&amp;\">&x;&lt;&#65;</a>");
        assert!(stopped.is_none());
        let texts: String =
            tags.iter().filter_map(|t| if let Tag::Text(t) = t { Some(t.as_str()) } else { None }).collect();
        assert_eq!(texts, "&x;<A");
        assert_eq!(tags.first().unwrap().attribute("b"), Some("&x;&amp;"));
    }

    #[test]
    fn what_is_cut_off_or_deep_is_told() {
        assert!(all("<a><b/>").1.is_some_and(|why| why.contains("cut off")));
        assert!(all(&"<a>".repeat(DEPTH_MAX + 1)).1.is_some_and(|why| why.contains("deep")));
        assert!(all("<a><b></a>").1.is_some());
    }
}
