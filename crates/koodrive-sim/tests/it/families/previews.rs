use koodrive_proto::ops::previews::*;
use koodrive_proto::ops::share_links::VerifyPublicExtractCode;
use koodrive_proto::ops::shares::{CreateShare, ShareScope};

use crate::families::backup::register;
use crate::families::shares::{recycle, share};
use crate::families::{ADMIN, Drive};

#[test]
fn links_and_thumbnails_are_for_files_that_exist() {
    let mut drive = Drive::new().user("8");
    let files = register(&drive, ADMIN, "root", &[("Bericht 1.pdf", "application/pdf")]);
    let link = drive.ok(&GetFilePreviewUrl::new(&*files[0])).link.unwrap();
    assert!(link.as_str().contains("Bericht%25201.pdf%22&X-Amz-"), "{}", link.as_str());
    let folder = drive.folder(&drive.space_of(ADMIN), "root", "d");
    assert_eq!(drive.code(&GetFilePreviewUrl::new(&*folder)), "13000406");
    assert_eq!(drive.code(&GetFilePreviewUrl::new("F1")), "13000309");
    assert_eq!(drive.code_for("8", &GetFilePreviewUrl::new(&*files[0])), "13000410");

    let (own, other) = (drive.space_of(ADMIN), drive.space_of("8"));
    drive.ok(&CreateThumbnailTask::new(&*files[0], &*own, ADMIN));
    drive.ok(&CreateVideoThumbnailTask::new(&*files[0], &*own, ADMIN));
    assert_eq!(drive.code(&CreateThumbnailTask::new("F1", &*own, ADMIN)), "13000309");
    assert_eq!(drive.code(&CreateThumbnailTask::new(&*files[0], &*own, "9")), "13000309");
    assert_eq!(drive.code(&CreateThumbnailTask::new(&*files[0], "1", ADMIN)), "13000301");
    assert_eq!(drive.code(&CreateVideoThumbnailTask::new(&*folder, &*own, ADMIN)), "13000406");
    assert_eq!(drive.code_for("8", &CreateVideoThumbnailTask::new(&*files[0], &*other, ADMIN)), "13000302");

    recycle(&drive, &files[0]);
    drive.pass(1);
    assert_eq!(drive.code(&GetFilePreviewUrl::new(&*files[0])), "13000306");
    assert_eq!(drive.code(&CreateThumbnailTask::new(&*files[0], &*own, ADMIN)), "13000306");
}

#[test]
fn a_share_lets_others_look_at_its_files() {
    let mut drive = Drive::new().user("8").user("9");
    let files = register(&drive, ADMIN, "root", &[("a.pdf", "application/pdf"), ("b.pdf", "application/pdf")]);
    let own = drive.space_of(ADMIN);

    let named = share(&drive, &CreateShare::new(ShareScope::Named, [&*files[0]], &*own, 1).user_ids(["8"]));
    let named = named.short_url.unwrap();
    let look = |file: &str| GetFilePreviewUrl::new(file).share_short_url(named.as_str());
    drive.call("8", &look(&files[0])).unwrap();
    assert_eq!(drive.code_for("8", &look(&files[1])), "13000309");
    assert_eq!(drive.code_for("9", &look(&files[0])), "13000410");
    assert_eq!(drive.code_for("8", &GetFilePreviewUrl::new(&*files[0])), "13000410");

    let open = CreateShare::new(ShareScope::Link, [&*files[0]], &*own, 1).extract_code("a1B2c3D4");
    let open = share(&drive, &open).short_url.unwrap();
    let token = drive.call("", &VerifyPublicExtractCode::new(open.as_str(), "a1B2c3D4")).unwrap().share_token.unwrap();
    let look = |file: &str, token: &str| GetShareFilePreviewUrl::new(open.as_str(), file, token);
    drive.call("", &look(&files[0], token.as_str())).unwrap();
    assert_eq!(drive.code_for("", &look(&files[1], token.as_str())), "13000309");
    assert_eq!(drive.code_for("", &look(&files[0], "token")), "13000102");
    assert_eq!(drive.code_for("", &GetShareFilePreviewUrl::new("code", &*files[0], token.as_str())), "13000309");
    drive.pass(24 * 3600);
    assert_eq!(drive.code_for("8", &GetFilePreviewUrl::new(&*files[0]).share_short_url(named.as_str())), "13000309");
}
