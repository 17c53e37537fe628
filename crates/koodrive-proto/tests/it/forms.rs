//! Forms with files, as bytes and back.

use koodrive_proto::operation::{Form, Part};
use proptest::prelude::*;

proptest! {
    /// Whatever is in a form comes out of it.
    #[test]
    fn forms_parse_back(
        name in "[a-zA-Z\"\r\n]{1,5}",
        file_name in any::<String>(),
        content in proptest::collection::vec(any::<u8>(), 0..200),
        text in any::<String>(),
    ) {
        // %22 and its kind can't be told from what they stand for; browsers have the same loss.
        prop_assume!(!file_name.contains('%'));
        let parts = [Part::field(&name, &text), Part::file("data", &file_name, "text/plain", &content)];
        let form = Form::new(&parts);
        let kind = form.content_type().unwrap();
        let body = form.body(&parts);
        prop_assert_eq!(Form::read(kind.to_str().unwrap(), &body).unwrap(), parts);
        // Cut off anywhere, it is no form.
        for end in 0..body.len() - 2 {
            prop_assert_eq!(Form::read(kind.to_str().unwrap(), &body[..end]), None);
        }
    }

    #[test]
    fn any_form_is_read_or_refused(kind in any::<String>(), body in proptest::collection::vec(any::<u8>(), 0..100)) {
        let _ = Form::read(&kind, &body);
        let _ = Form::read("multipart/form-data; boundary=", &body);
        let _ = Form::read("multipart/form-data; boundary=\"a\"", &[b"--a", &body[..]].concat());
    }
}
