use super::*;

fn problems(text: &str) -> Vec<String> {
    let tree = XmlTree::read(text);
    tree.problems()
        .iter()
        .map(|one| format!("{:?} {}", text.get(one.span.clone()).unwrap(), one.what))
        .collect()
}

#[test]
fn everything_keeps_its_place() {
    let text = "<?xml version=\"1.0\"?>\n<a x='1&amp;2' y=\"\">\n  <b> one &lt; two </b>\n  <c/><!-- no --><b><![CDATA[<d>]]></b>\n</a>\n";
    let tree = XmlTree::read(text);
    assert_eq!(tree.problems(), []);
    let root = tree.root().unwrap();
    let shown = |span: Range<usize>| text.get(span).unwrap();
    assert_eq!((root.name(), shown(root.start_tag())), ("a", "<a x='1&amp;2' y=\"\">"));
    assert_eq!(shown(root.span()), text.get(text.find("<a").unwrap()..text.len() - 1).unwrap());
    assert_eq!(
        (root.attribute("x"), root.attribute("y"), root.attribute("z")),
        (Some("1&2"), Some(""), None)
    );
    assert_eq!(shown(root.attributes()[0].span.clone()), "1&amp;2");
    let children: Vec<_> =
        root.children().map(|child| (child.name(), child.text(), shown(child.text_span()))).collect();
    assert_eq!(children, [("b", "one < two", "one &lt; two"), ("c", "", "<c/>"), ("b", "<d>", "<d>")]);
    assert_eq!(root.children_named("b").count(), 2);
    assert!(root.child("c").is_some_and(|c| c.is_leaf() && c.parent() == Some(root)));
    assert_eq!(tree.elements().count(), 4);
}

#[test]
fn entities_of_the_document_are_never_followed() {
    let text = "<!DOCTYPE a [<!ENTITY x SYSTEM \"file:///etc/passwd\">]><a b=\"&x;\">&x;&#65;&#x42;</a>";
    let tree = XmlTree::read(text);
    assert_eq!(tree.root().map(|root| (root.text(), root.attribute("b"))), Some(("&x;AB", Some("&x;"))));
    assert_eq!(tree.problems().len(), 3, "the document type, and the reference twice");
    assert_eq!(problems("<a>&#0;</a>").len(), 1);
}

#[test]
fn what_is_cut_off_is_read_as_far_as_it_goes() {
    let tree = XmlTree::read("<a><b>1</b><c>2");
    assert_eq!(
        tree.root().map(|root| root.children().map(Element::text).collect::<Vec<_>>()),
        Some(vec!["1", "2"])
    );
    assert_eq!(problems("<a><b>1</b><c>2"), ["\"\" it is cut off with 2 elements open"]);
    assert!(problems("<a><b>1</b><c").first().is_some_and(|what| what.starts_with("\"<c\"")));
    assert!(problems("<a><!-- ").iter().any(|what| what.starts_with("\"<!-- \"")));
}

#[test]
fn tags_that_do_not_match_lose_no_other_element() {
    let text = "<a><b>1<c>2</b></x><d>3</d></a>";
    let tree = XmlTree::read(text);
    let root = tree.root().unwrap();
    assert_eq!(root.children().map(Element::name).collect::<Vec<_>>(), ["b", "d"]);
    assert_eq!(root.path(&["b", "c"]).map(Element::text), Some("2"));
    assert_eq!(
        problems(text),
        ["\"<c>\" an element lacks its end tag", "\"</x>\" an end tag ends nothing that is open",]
    );
    assert_eq!(problems("<a/> text <b/>").len(), 2);
    assert!(!problems("<a><b>1 < 2</b></a>").is_empty());
}

#[test]
fn limits_hold_and_are_told() {
    let deep = format!("<r>{}x{}<after/></r>", "<a>".repeat(100_000), "</a>".repeat(100_000));
    let tree = XmlTree::read(&deep);
    assert_eq!(tree.elements().count(), XML_DEPTH_MAX + 1);
    assert!(tree.root().and_then(|root| root.child("after")).is_some());
    assert_eq!(tree.problems().len(), 1);
    assert_eq!(XmlTree::read(&"<a>".repeat(100_000)).problems().len(), 2);
    let edge = format!("{}{}", "<a>".repeat(XML_DEPTH_MAX), "</a>".repeat(XML_DEPTH_MAX));
    assert_eq!(problems(&edge), [""; 0]);
    let empties = format!("{}<b/><b/>{}", "<a>".repeat(XML_DEPTH_MAX), "</a>".repeat(XML_DEPTH_MAX));
    assert_eq!(problems(&empties).len(), 2);
    let many = format!("<a{}/>", (0..=XML_ATTRIBUTES_MAX).map(|at| format!(" x{at}=''")).collect::<String>());
    assert_eq!(problems(&many).len(), 1);
    assert_eq!(XmlTree::read(&"</x>".repeat(5_000)).problems().len(), XML_PROBLEMS_MAX + 1);
}
