//! Headers that are duplicated, empty, oversized or nonsense.

use super::{PATH, Victim};
use crate::support::{PUBLISHER, VIEWER, mock};

#[tokio::test]
async fn logins_that_are_no_logins_are_refused() {
    let victim = Victim::new().await;
    let long = format!("Basic {}", "A".repeat(60_000));
    for login in [
        "",
        " ",
        "Basic",
        "Basic ",
        "Basic !!!",
        "Basic cHVibGlzaGVy",
        "Digest x",
        "OAuth",
        "OAuth x.y.z",
        "Bearer ",
        "Basic cHVibGlzaGVyQGV4YW1wbGUuY29tOg==",
        long.as_str(),
    ] {
        let answer = victim.mock.call("POST", PATH, &[("authorization", login)], "[]").await;
        super::expect_refusal(&answer, 403, "authentication_required");
    }
    let twice = [("authorization", PUBLISHER), ("authorization", VIEWER)];
    super::expect_refusal(
        &victim.mock.call("POST", PATH, &twice, "[]").await,
        403,
        "authentication_required",
    );
    victim.stays_unharmed().await;
}

#[tokio::test]
async fn app_tokens_are_checked_wherever_they_stand() {
    let mock = mock().await;
    for token in ["nobodys", "demo-app-token2", &"t".repeat(5000)] {
        let answer = mock.call("GET", PATH, &[("x-app-token", token)], "").await;
        super::expect_refusal(&answer, 403, "permission_denied");
    }
    for query in ["$$app_token=nobodys", "app_token=nobodys"] {
        super::expect_refusal(
            &mock.get(&format!("/resource/4tka-6guv.json?{query}")).await,
            403,
            "permission_denied",
        );
    }
    assert_eq!(mock.call("GET", "/resource/4tka-6guv", &[("x-app-token", "")], "").await.status, 200);
    assert_eq!(mock.get("/resource/4tka-6guv.json?$$app_token=demo-app-token").await.status, 200);
}

#[tokio::test]
async fn options_with_impossible_values_are_refused() {
    let victim = Victim::new().await;
    for query in
        ["errorsAreFatal=perhaps", "nonFatalRowErrors[]=nope", "mergeInsteadOfReplace=1", "truncate=maybe"]
    {
        let answer = victim
            .refuses(
                ("POST", &format!("{PATH}?{query}")),
                "application/json",
                "[{\"k\":\"x\"}]",
                (400, "req.bad-parameter"),
            )
            .await;
        assert!(!answer.header("x-mock-hint").is_empty(), "{query}");
    }
    let headers = [("authorization", PUBLISHER), ("x-soda2-truth-version", "99")];
    let answer = victim.mock.call("POST", PATH, &headers, "[{\"k\":\"x\"}]").await;
    super::expect_refusal(&answer, 409, "soda.row.dataset-version-mismatch");
    let path = format!("{PATH}?expectedDataVersion=99");
    victim
        .refuses(("PUT", &path), "application/json", "[]", (409, "soda.row.dataset-version-mismatch"))
        .await;
    victim
        .refuses(("POST", &format!("{PATH}?x=%ff")), "application/json", "[]", (400, "invalid_request"))
        .await;
    victim.stays_unharmed().await;
}

#[tokio::test]
async fn an_empty_content_type_is_json_and_a_request_id_is_bounded() {
    let mock = mock().await;
    let headers = [("authorization", PUBLISHER), ("content-type", "")];
    assert_eq!(mock.call("POST", "/resource/4tka-6guv.json", &headers, "[]").await.status, 200);
    let long = "x".repeat(10_000);
    for id in ["", long.as_str()] {
        let answer = mock.call("GET", "/resource/4tka-6guv", &[("x-socrata-requestid", id)], "").await;
        assert_eq!(answer.header("x-socrata-requestid").len(), 32);
    }
}
