//! The program `soda-mock`.
fn main() {
    let port =
        std::env::args().skip_while(|a| a != "--port").nth(1).and_then(|p| p.parse().ok()).unwrap_or(7632u16);
    let dir = std::env::temp_dir().join(format!("soda-mock-{}.db", std::process::id()));
    let store =
        soda_mock::store::Store::open(soda_mock::store::Backing::Temporary(dir), false).expect("store");
    let space = soda_mock::http::Space {
        name: "default".into(),
        store,
        clock: soda_mock::clock::MockClock::new(soda_mock::clock::ClockMode::Real),
        ids: soda_mock::ids::Ids::random(),
        accounts: soda_mock::access::Accounts::built_in(),
    };
    let state =
        soda_mock::http::AppState { space: std::sync::Arc::new(space), options: std::sync::Arc::default() };
    tokio::runtime::Builder::new_multi_thread()
        .worker_threads(2)
        .enable_all()
        .build()
        .expect("runtime")
        .block_on(async {
            let listener = tokio::net::TcpListener::bind(("127.0.0.1", port)).await.expect("bind");
            axum::serve(listener, soda_mock::http::router(state)).await.expect("serve");
        });
}
