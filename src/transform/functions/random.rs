//! Random numbers that are the same when a row is read again.

use super::Work::Strict;
use super::call::{Call, decimal, double, failed, of_double};
use super::{Function, entry};
use crate::soda::Value;
use crate::transform::Cell;
use bigdecimal::Signed as _;
use rand_chacha::ChaCha8Rng;
use rand_core::{RngCore as _, SeedableRng as _};
use serde_json::json;

pub const TABLE: &[Function] = &[
    entry(
        "random_number_between",
        "A number between two others, each as likely.",
        "random_number_between(0, 10)",
        &[("number number -> number", Strict(between))],
    ),
    entry(
        "random_number_normal",
        "A number of the normal distribution with this mean and this variance.",
        "random_number_normal(0, 10)",
        &[("number number -> number", Strict(normal))],
    ),
];

fn generator(call: &Call<'_>) -> ChaCha8Rng {
    let mut seed = [0; 32];
    for (part, value) in
        seed.chunks_exact_mut(8).zip([call.surroundings.random_seed, call.offset, call.site, 0])
    {
        part.copy_from_slice(&value.to_le_bytes());
    }
    ChaCha8Rng::from_seed(seed)
}

/// From 0 to 1, without 1.
fn unit(generator: &mut ChaCha8Rng) -> f64 {
    (generator.next_u64() >> 11) as f64 / (1u64 << 53) as f64
}

fn between<'v>(call: &Call<'_>, arguments: &mut [Value<'v>]) -> Cell<'v> {
    let (low, high) = (double(&arguments[0]), double(&arguments[1]));
    of_double(low + (high - low) * unit(&mut generator(call)))
}

/// By Box and Muller.
fn normal<'v>(call: &Call<'_>, arguments: &mut [Value<'v>]) -> Cell<'v> {
    if decimal(&arguments[1])?.is_negative() {
        return Err(failed("arithmetic_error", "The variance must not be negative", json!({})));
    }
    let mut generator = generator(call);
    let (radius, angle) = (1.0 - unit(&mut generator), unit(&mut generator) * std::f64::consts::TAU);
    let deviation = (-2.0 * radius.ln()).sqrt() * angle.cos();
    of_double(double(&arguments[0]) + deviation * double(&arguments[1]).sqrt())
}
