use super::*;

/// `1..100; 1 (name); rule …; separator ,; open; unclear …`
fn show(said: &Said) -> String {
    let bound = |bound: Option<i128>| bound.map_or_else(|| "any".to_owned(), |bound| bound.to_string());
    let mut parts = Vec::new();
    parts.extend(said.interval.iter().map(|interval| format!("{}..{}", bound(interval.min), bound(interval.max))));
    parts.extend(
        said.values
            .iter()
            .map(|(value, words)| if words.is_empty() { value.clone() } else { format!("{value} ({words})") }),
    );
    parts.extend(said.open.then(|| "open".to_owned()));
    parts.extend(said.rules.iter().map(|rule| format!("rule {rule}")));
    parts.extend(said.separator.iter().map(|separator| format!("separator {separator}")));
    parts.extend(said.unclear.iter().map(|clause| format!("unclear {clause}")));
    parts.join("; ")
}

#[test]
fn columns_about_ranges() {
    for (text, expected) in [
        ("1-100 ids", "1..100"),
        ("1-100 (range stated in the carrier manual)", "1..100"),
        ("longer than 0, at most 50", "1..50"),
        ("greater than 0, no upper limit", "1..any"),
        ("1~64", "1..64"),
        ("at most 100, comma-separated, files only", "any..100; separator ,"),
        ("at most 5 groups, separated by ';' (sample: image/resize)", "any..5; separator ;"),
        ("0,1", "0; 1"),
        ("0", "0"),
        ("fixed: 10", "10"),
        ("only *", "*"),
        ("multipart (the only value listed)", "multipart"),
        ("personal, team", "personal; team"),
        ("standard | IOH", "standard; IOH"),
        ("1 pictures; 2 videos; sample: 1,2", "1 (pictures); 2 (videos)"),
        ("1-3: 1 batch copy (b); 2 delete; 3 move", "1..3; 1 (batch copy); 2 (delete); 3 (move)"),
        ("[0,365]; 0 = leave unset", "0..365; 0 (leave unset)"),
        ("max 100; small, large", "any..100; small; large"),
        ("max 100; small, ... (rest cut)", "any..100; small; open"),
        ("-1 anonymous template, otherwise the id of one", "-1 (anonymous template, otherwise the id of one); open"),
        ("1 view; 3 share; further values not seen", "1 (view); 3 (share); open"),
    ] {
        assert_eq!(show(&Said::range(text)), expected, "{text}");
    }
}

#[test]
fn rules_for_texts() {
    for (text, expected) in [
        (
            "^(?:$|/[^\\]*$) as printed (backslash presumably excluded); at most 10000",
            "any..10000; rule ^(?:$|/[^\\]*$)",
        ),
        ("^[a-zA-Z0-9_]{1,64}$", "rule ^[a-zA-Z0-9_]{1,64}$"),
        ("exactly 8 characters of [0-9a-zA-Z]", "8..8; rule of [0-9a-zA-Z]"),
        ("max 512 characters, no emoji", "any..512; rule no emoji"),
        (
            "max 250 characters; none of <>|:\"*?/ ; not '..', '.'",
            "any..250; rule none of <>|:\"*?/; rule not '..', '.'",
        ),
        ("yyyy-MM-dd'T'HH:mm:ss'Z'", "rule yyyy-MM-dd'T'HH:mm:ss'Z'"),
        ("4-digit area code followed by the number", "rule 4-digit area code followed by the number"),
        ("JSON text", "rule JSON text"),
    ] {
        assert_eq!(show(&Said::range(text)), expected, "{text}");
    }
}

/// Prose that is no limit says nothing; prose that may be one is not lost.
#[test]
fn prose() {
    for text in [
        "user id",
        "user id issued by KooDrive",
        "'root' for the root folder (also: 'sbox')",
        "OBS image-processing expression used to choose the thumbnail size (obs_01_0430)",
        "",
    ] {
        assert_eq!(Said::range(text), Said::default(), "{text}");
    }
    for (text, expected) in [
        ("<= 200 GB with uploadMode=multipart", "unclear <= 200 GB with uploadMode=multipart"),
        ("[5, 50]; last part [0, 50]", "5..50; unclear last part [0, 50]"),
        ("every part must be a multiple of 64 bytes", "unclear every part must be a multiple of 64 bytes"),
        (
            "zh-cn: longer than 0, at most 8 Chinese characters or 24 letters/digits",
            "1..any; unclear at most 8 Chinese characters or 24 letters/digits",
        ),
    ] {
        assert_eq!(show(&Said::range(text)), expected, "{text}");
    }
}

#[test]
fn remarks() {
    for (text, expected) in [
        ("0 NEW, 1 EXECUTING", "0 (NEW); 1 (EXECUTING)"),
        ("comma-separated; needed when type is 1", "separator ,"),
        ("yyyy-MM-dd'T'HH:mm:ss'Z', e.g. 2023-08-18T05:43:49Z", "rule yyyy-MM-dd'T'HH:mm:ss'Z'"),
        ("0 = family sharing; the only kind", "0 (family sharing)"),
        ("'/' separated, starts with '/'", ""),
        ("file size; at most 200 GB", ""),
        ("result code; 0 in every example", ""),
        ("state; no value list here: 0 normal, 1 disabled", ""),
        ("the page of 2024 only; the example sends 1", ""),
    ] {
        assert_eq!(show(&Said::notes(text)), expected, "{text}");
    }
}
