//! The table of codes against the collected facts.

use koodrive_proto::error::{Code, codes};
use koodrive_proto::http::StatusCode;
use serde_json::Value as Json;

#[test]
fn every_known_code_is_in_the_table() {
    let facts: Vec<serde_json::Map<String, Json>> = serde_json::from_str(include_str!("../facts/errors.json")).unwrap();
    let mut listed = 0;
    for fact in facts {
        let code = match &fact["code"] {
            Json::String(code) => code.clone(),
            Json::Number(code) if code.as_u64() != Some(0) => code.to_string(),
            // Success, and a row whose code could not be read.
            _ => continue,
        };
        let row = Code::find(&code).unwrap_or_else(|| panic!("{code} is missing"));
        assert_eq!(row.status.map(Json::from).unwrap_or_default(), fact["http"], "{code}");
        assert_eq!(row.message.map(Json::from).unwrap_or_default(), fact["message"], "{code}");
        assert!(!row.meaning.is_empty() && !row.advice.is_empty(), "{code}");
        listed += 1;
    }
    assert_eq!(codes().len(), listed);
    assert_eq!(Code::find("0"), None);
    assert_eq!(Code::find("13000301").unwrap().status, Some(StatusCode::BAD_REQUEST.as_u16()));
}
