//! Reading takes the memory of what was read, and one allocation more.

use koodrive_proto::Operation;
use koodrive_proto::ops::files::ListPersonalFiles;
use koodrive_proto::ops::spaces::{GetSpaceUsageOverview, UpdateSpace};

use crate::common::answer;

/// How often memory is allocated for an answer, and then for a copy of what was read.
fn allocations<O: Operation<Output: Clone>>(body: &str) -> (u64, u64) {
    let answer = answer(200, body);
    let mut output = None;
    let read = allocation_counter::measure(|| output = Some(O::parse(&answer).unwrap()));
    let copy = allocation_counter::measure(|| drop(output.clone()));
    (read.count_total, copy.count_total)
}

#[test]
fn one_more_than_the_answer_has() {
    let overview = r#"{"data": {"totalAllocation": 43, "totalCapacity": 1051187, "totalUsed": 33085606}, "code": 0, "msg": "success"}"#;
    assert_eq!(allocations::<GetSpaceUsageOverview>(overview), (1, 0));
    assert_eq!(allocations::<UpdateSpace>(overview), (1, 0));

    let file = r#"{"id": "Fk0n_I_3nVynIIlxGSUdLkYILxIZQ5", "fileName": "report.docx", "recycled": false, "size": 7123,
        "parentFolder": ["DEUI7pa0C24ArootIAADfsBFCO6WtAtuAb7e92cde625843cfb7f4ceba802e0b"], "fileType": "15",
        "properties": {"srcFileId": "Fuyt9uELO9mny6vLWnWpIDqppRh3vzC3p", "createUser": "369528171409614001"},
        "owners": [{"category": "drive#user", "me": true, "displayName": "租户管理员"}],
        "lastEditor": {"me": true, "userId": "NDEzMDA4NjAwMDAwMjc0MTY2NS00MDA4NjAwMDAwNDg3MTY2Ng"}, "favorite": "false"}"#;
    for count in [1, 100] {
        let listing = format!(r#"{{"files": [{}], "nextCursor": "n", "code": 0}}"#, vec![file; count].join(", "));
        let (read, copy) = allocations::<ListPersonalFiles>(&listing);
        // The list and the cursor, and of each file: 2 texts, 2 lists with 3 texts, a map with 4, another text.
        assert_eq!((read, copy), (copy + 1, 2 + 13 * u64::try_from(count).unwrap()));
    }
}

/// What doesn't fit takes no room.
#[test]
fn a_long_list_of_nothing() {
    let listing = format!(r#"{{"files": [{{}}{}]}}"#, ",0".repeat(500_000));
    let answer = answer(200, listing.as_str());
    let read = allocation_counter::measure(|| assert_eq!(ListPersonalFiles::parse(&answer).unwrap().files.len(), 1));
    let bytes = u64::try_from(listing.len()).unwrap();
    assert!(read.bytes_max < 100 * bytes, "{} for {bytes}", read.bytes_max);
}
