//! The object store's errors: XML, of which two elements count.

/// Returns the text of the first element of this name, without attributes and with no elements in it.
pub(crate) fn element(text: &str, name: &str) -> Option<String> {
    let (_, rest) = text.split_once(&format!("<{name}>"))?;
    let (content, _) = rest.split_once(&format!("</{name}>"))?;
    let entities = [("&lt;", "<"), ("&gt;", ">"), ("&quot;", "\""), ("&apos;", "'"), ("&amp;", "&")];
    let content = entities.iter().fold(content.trim().to_owned(), |text, (entity, char)| text.replace(entity, char));
    Some(content)
}
