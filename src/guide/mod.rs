//! The guide, a page a module. `tests/clients/guide.py` runs the commands of each page, and `cargo test` its Rust.

#[doc = include_str!("accounts.md")]
pub mod accounts {}

#[doc = include_str!("commands.md")]
pub mod commands {}

#[doc = include_str!("data-file.md")]
pub mod data_file {}

#[doc = include_str!("domains.md")]
pub mod domains {}

#[doc = include_str!("errors.md")]
pub mod errors {}

#[doc = include_str!("faults.md")]
pub mod faults {}

#[doc = include_str!("journal.md")]
pub mod journal {}

#[doc = include_str!("page.md")]
pub mod page {}

#[doc = include_str!("production.md")]
pub mod production {}

#[doc = include_str!("seeds.md")]
pub mod seeds {}

#[doc = include_str!("spaces.md")]
pub mod spaces {}

#[doc = include_str!("tests.md")]
pub mod tests {}

#[doc = include_str!("trouble.md")]
pub mod trouble {}
