//! Stacks that must not compile, each behind a `--cfg` of its own; see `main.rs` beside this file.

fn main() {
    #[cfg(a_body_that_cannot_be_sent_twice)]
    a_body_that_cannot_be_sent_twice();
}

#[cfg(a_body_that_cannot_be_sent_twice)]
fn a_body_that_cannot_be_sent_twice() {
    use http::{Request, Response};
    use hyper::body::Incoming;
    use tollgate_core::check_resend;

    let client = tower::service_fn(|_: Request<Incoming>| async {
        Ok::<_, std::io::Error>(Response::new(()))
    });
    check_resend::<_, Incoming>(client);
}
