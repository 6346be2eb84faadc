//! How an account is shown to others.

/// A stable 4x4 for an account, which follows from its name.
pub fn user_id(name: &str) -> String {
    const ALPHABET: &[u8; 32] = b"23456789abcdefghijkmnpqrstuvwxyz";
    // FNV-1a: the id only has to be the same each time.
    let mut hash =
        name.bytes().fold(0xcbf2_9ce4_8422_2325u64, |h, b| (h ^ u64::from(b)).wrapping_mul(0x0100_0000_01b3));
    let mut letters = String::new();
    for index in 0..8 {
        if index == 4 {
            letters.push('-');
        }
        letters.push(char::from(ALPHABET[(hash % 32) as usize]));
        hash /= 32;
    }
    letters
}

/// The name that an account is shown under: what stands before the @ of its e-mail address.
pub fn display_name(name: &str) -> &str {
    name.split('@').next().unwrap_or(name)
}

/// The owner that datasets of a seed are shown with.
pub const SITE_OWNER: &str = "admin@example.com";
