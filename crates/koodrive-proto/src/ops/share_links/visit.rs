//! Opening a link.

use crate::ops::share_links::LinkedShare;
use crate::param::{ExtractCode, Secret};
use crate::{answer, operation};

operation! {
    /// Asks whether the caller may open a link.
    ///
    /// The answer has no content: the link can be opened if the call succeeds. Whether an access code is needed must be
    /// told by the code of the answer, and the page doesn't list any. The page doesn't say whether the visit is
    /// counted, as it is by [`VisitPublicShare`]; so the request isn't sent again when its answer was lost.
    ///
    /// Source: visitShare, enterprise (2025-12-12).
    ///
    /// ```
    /// # use koodrive_proto::ops::share_links::VisitShare;
    /// VisitShare::new("1808628918203192832");
    /// ```
    GET "/koodrive/ose/v1/share/visit" VisitShare = "visitShare" -> ();
    AppOrToken, Once, Enterprise Full;
    query {
        /// The short code of the link.
        short_url: Secret = "shortUrl",
    }
}

operation! {
    /// Records a visit of a public link. For allow-listed users only.
    ///
    /// Each run is one more visit, so the request isn't sent again when its answer was lost. It needs no credentials:
    /// the page lists neither Authorization nor X-User-Id nor X-Date.
    ///
    /// The carrier manual requires the name of the operator's agent, which [`Api::agent_name`](crate::Api::agent_name)
    /// sets; of the enterprise manual's page, the headers could not be read.
    ///
    /// Source: visitSharePublic, carrier (2026-04-16) and enterprise (undated; only method, path and query could be
    /// read).
    ///
    /// ```
    /// # use koodrive_proto::{Api, Credentials, Error};
    /// # use koodrive_proto::chrono::Utc;
    /// # use koodrive_proto::ops::share_links::VisitPublicShare;
    /// let api = Api::new("https://drive.example", Credentials::anonymous())?.agent_name("standard")?;
    /// let request = api.request(&VisitPublicShare::new("1808628918203192832"), Utc::now())?;
    /// assert!(!request.headers().contains_key("authorization"));
    /// # Ok::<(), Error>(())
    /// ```
    GET "/koodrive/ose/v1/share/public/visit" VisitPublicShare = "visitSharePublic" -> ();
    None, Once, Carrier Full, Enterprise Partial;
    query {
        /// The short code of the link.
        short_url: Secret = "shortUrl",
    }
    header {
        "X-Hw-Agentname" = agent => Carrier,
    }
}

operation! {
    /// Reads whose share a link leads to, and until when it can be opened.
    ///
    /// Source: getShareInfo, enterprise (undated).
    ///
    /// ```
    /// # use koodrive_proto::ops::share_links::GetShareInfo;
    /// GetShareInfo::new("1808628918203192832");
    /// ```
    GET "/koodrive/ose/v1/share/userInfo" GetShareInfo = "getShareInfo" -> FoundShare;
    AppOrToken, ReadOnly, Enterprise Full;
    query {
        /// The short code of the link.
        short_url: Secret = "shortUrl",
    }
}

operation! {
    /// Reads whose share a public link leads to. For allow-listed users only.
    ///
    /// It needs no credentials: the page lists neither Authorization nor X-User-Id nor X-Date. Of the share, only the
    /// members up to `owner_id` are in the page's example; those of [`GetShareInfo`] are taken.
    ///
    /// The carrier manual requires the name of the operator's agent, which [`Api::agent_name`](crate::Api::agent_name)
    /// sets; of the enterprise manual's page, the headers could not be read.
    ///
    /// Source: getShareInfoPublic, carrier (2026-04-16) and enterprise (undated; only method, path and query could be
    /// read); the end of the answer's example could not be read.
    ///
    /// ```
    /// # use koodrive_proto::ops::share_links::GetPublicShareInfo;
    /// GetPublicShareInfo::new("1808628918203192832");
    /// ```
    GET "/koodrive/ose/v1/share/public/userInfo" GetPublicShareInfo = "getShareInfoPublic" -> FoundShare;
    None, ReadOnly, Carrier Partial, Enterprise Partial;
    query {
        /// The short code of the link.
        short_url: Secret = "shortUrl",
    }
    header {
        "X-Hw-Agentname" = agent => Carrier,
    }
}

answer! {
    /// The answer of [`GetShareInfo`] and [`GetPublicShareInfo`].
    FoundShare {
        /// The share behind the link.
        link: Option<LinkedShare>,
    }
}

operation! {
    /// Exchanges the access code of a share for a temporary token.
    ///
    /// The other calls for the link take the token as `share_token`. The page doesn't say how long it is valid.
    ///
    /// Source: verifyExtractCode, enterprise (2025-12-12).
    ///
    /// ```
    /// # use koodrive_proto::ops::share_links::VerifyExtractCode;
    /// VerifyExtractCode::new("1808628918203192832", "31945314");
    /// ```
    POST "/koodrive/ose/v1/share/verify" VerifyExtractCode = "verifyExtractCode" -> ShareToken;
    AppOrToken, Once, Enterprise Full;
    body {
        /// The short code of the link.
        short_url: Secret = "shortUrl",
        /// The access code. Its form is from the carrier manual's page createShare.
        extract_code: ExtractCode = "extractCode",
    }
}

operation! {
    /// Exchanges the access code of a public share for a temporary token. For allow-listed users only.
    ///
    /// The other public calls for the link take the token as `share_token`. The page doesn't say how long it is valid.
    /// The request needs no credentials: the page lists neither Authorization nor X-User-Id nor X-Date.
    ///
    /// The carrier manual requires the name of the operator's agent, which [`Api::agent_name`](crate::Api::agent_name)
    /// sets; the enterprise manual's page could not be read.
    ///
    /// Source: verifyExtractCodePublic, carrier (2026-04-16); the enterprise manual has the same call.
    ///
    /// ```
    /// # use koodrive_proto::ops::share_links::VerifyPublicExtractCode;
    /// VerifyPublicExtractCode::new("1808628918203192832", "31945314");
    /// ```
    POST "/koodrive/ose/v1/share/public/verify" VerifyPublicExtractCode = "verifyExtractCodePublic" -> ShareToken;
    None, Once, Carrier Full, Enterprise Partial;
    header {
        "X-Hw-Agentname" = agent => Carrier,
    }
    body {
        /// The short code of the link.
        short_url: Secret = "shortUrl",
        /// The access code that was set when the share was created. Its form is from the carrier manual's page
        /// createShare.
        extract_code: ExtractCode = "extractCode",
    }
}

answer! {
    /// The answer of [`VerifyExtractCode`] and [`VerifyPublicExtractCode`].
    ShareToken {
        /// The temporary token of the share.
        share_token: Option<Secret> = "kdstoken",
    }
}
