//! Throttling pools: one per application token, one per client address without a token.

use governor::clock::{Clock, Reference};
use governor::middleware::NoOpMiddleware;
use governor::nanos::Nanos;
use governor::state::keyed::DashMapStateStore;
use governor::{Quota, RateLimiter};
use std::net::IpAddr;
use std::num::NonZeroU32;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, PoisonError, RwLock};
use std::time::Duration;

/// So many requests in so much time.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Limit {
    /// Requests.
    pub requests: NonZeroU32,
    /// Their time.
    pub per: Duration,
}

/// Units of time with their seconds, the largest first.
const UNITS: [(u64, &str); 4] = [(86_400, "d"), (3600, "h"), (60, "m"), (1, "s")];

impl Limit {
    /// `1000/1h`, `5/10s`, `100/5m`; `off` is none.
    pub fn parse(text: &str) -> Result<Option<Self>, String> {
        if text == "off" {
            return Ok(None);
        }
        let wrong = || format!("{text:?} is no limit; write it as 1000/1h, 100/5m, 10/1s or off");
        let (requests, per) = text.split_once('/').ok_or_else(wrong)?;
        let unit = per.trim_start_matches(|c: char| c.is_ascii_digit());
        let count = &per[..per.len() - unit.len()];
        let count: u64 = if count.is_empty() { 1 } else { count.parse().map_err(|_| wrong())? };
        let seconds = UNITS.into_iter().find(|(_, name)| *name == unit).ok_or_else(wrong)?.0;
        let per = count.checked_mul(seconds).filter(|s| *s > 0 && *s <= 31_536_000).ok_or_else(wrong)?;
        let requests = requests.parse().ok().and_then(NonZeroU32::new).ok_or_else(wrong)?;
        Ok(Some(Self { requests, per: Duration::from_secs(per) }))
    }

    fn quota(self) -> Option<Quota> {
        Quota::with_period(self.per / self.requests.get()).map(|q| q.allow_burst(self.requests))
    }
}

/// As it is written, in the largest unit that fits.
impl std::fmt::Display for Limit {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let seconds = self.per.as_secs();
        let (size, unit) =
            UNITS.into_iter().find(|(size, _)| seconds.is_multiple_of(*size)).unwrap_or((1, "s"));
        write!(f, "{}/{}{unit}", self.requests, seconds / size)
    }
}

/// The limits of the two kinds of pool.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Limits {
    /// Of each address without a token.
    pub anonymous: Option<Limit>,
    /// Of each application token.
    pub token: Option<Limit>,
}

impl Limits {
    /// `anonymous=1000/1h,token=off`; a pool that is not named keeps its limit.
    pub fn parse(mut self, text: &str) -> Result<Self, String> {
        for part in text.split(',').filter(|p| !p.is_empty()) {
            match part.split_once('=') {
                Some(("anonymous", limit)) => self.anonymous = Limit::parse(limit)?,
                Some(("token", limit)) => self.token = Limit::parse(limit)?,
                None if part == "off" => self = Self::default(),
                _ => return Err(format!("{part:?} names no pool; write anonymous=1000/1h,token=off")),
            }
        }
        Ok(self)
    }
}

/// The mock's time as governor counts it: nanoseconds.
#[derive(Clone, Debug, Default)]
struct MockTime(Arc<AtomicU64>);

#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
struct Moment(u64);

impl std::ops::Add<Nanos> for Moment {
    type Output = Self;

    fn add(self, other: Nanos) -> Self {
        Self(self.0.saturating_add(other.as_u64()))
    }
}

impl Reference for Moment {
    fn duration_since(&self, earlier: Self) -> Nanos {
        self.0.saturating_sub(earlier.0).into()
    }

    fn saturating_sub(&self, duration: Nanos) -> Self {
        Self(self.0.saturating_sub(duration.into()))
    }
}

impl Clock for MockTime {
    type Instant = Moment;

    fn now(&self) -> Moment {
        Moment(self.0.load(Ordering::Relaxed))
    }
}

type Pool = RateLimiter<String, DashMapStateStore<String>, MockTime, NoOpMiddleware<Moment>>;

#[derive(Default)]
struct Pools {
    limits: Limits,
    anonymous: Option<Pool>,
    token: Option<Pool>,
}

/// The pools of a space.
#[derive(Default)]
pub struct Throttle {
    time: MockTime,
    pools: RwLock<Pools>,
}

/// Keys beyond this number are looked through for ones that are full again.
const MANY_KEYS: usize = 10_000;

impl Throttle {
    /// The limits.
    pub fn limits(&self) -> Limits {
        self.pools.read().unwrap_or_else(PoisonError::into_inner).limits
    }

    /// Other limits, with full pools.
    pub fn set(&self, limits: Limits) {
        let pool = |limit: Option<Limit>| {
            let quota = limit?.quota()?;
            Some(Pool::new(quota, DashMapStateStore::default(), self.time.clone()))
        };
        let pools = Pools { limits, anonymous: pool(limits.anonymous), token: pool(limits.token) };
        *self.pools.write().unwrap_or_else(PoisonError::into_inner) = pools;
    }

    /// Takes one request out of a pool, or says after how many seconds there is one.
    pub fn take(&self, token: Option<&str>, address: Option<IpAddr>, now_ms: i64) -> Result<(), u64> {
        let pools = self.pools.read().unwrap_or_else(PoisonError::into_inner);
        let pool = if token.is_some() { &pools.token } else { &pools.anonymous };
        let Some(pool) = pool else { return Ok(()) };
        let key = match token {
            Some(token) => token.to_owned(),
            None => address.map_or_else(String::new, |address| address.to_string()),
        };
        let nanos = u64::try_from(now_ms).unwrap_or(0).saturating_mul(1_000_000);
        self.time.0.store(nanos, Ordering::Relaxed);
        if pool.len() > MANY_KEYS {
            pool.retain_recent();
        }
        pool.check_key(&key).map_err(|refusal| {
            let wait = refusal.wait_time_from(Moment(nanos));
            (wait.as_secs() + u64::from(wait.subsec_nanos() > 0)).max(1)
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_pool_empties_and_fills_with_the_mocks_time() {
        let throttle = Throttle::default();
        throttle.set(Limits::default().parse("anonymous=2/10s").unwrap());
        let now = 1_700_000_000_000;
        let address = |last| Some(IpAddr::from([10, 0, 0, last]));
        assert_eq!(throttle.take(None, address(1), now), Ok(()));
        assert_eq!(throttle.take(None, address(1), now), Ok(()));
        assert_eq!(throttle.take(None, address(1), now), Err(5));
        assert_eq!(throttle.take(None, address(2), now), Ok(()));
        assert_eq!(throttle.take(Some("t"), address(1), now), Ok(()));
        assert_eq!(throttle.take(None, address(1), now + 5000), Ok(()));
    }

    #[test]
    fn limits_are_read_or_refused() {
        for (text, shown) in [
            ("1000/1h", "1000/1h"),
            ("5/10s", "5/10s"),
            ("5/90s", "5/90s"),
            ("5/60s", "5/1m"),
            ("7/h", "7/1h"),
            ("7/24h", "7/1d"),
            ("7/36h", "7/36h"),
        ] {
            assert_eq!(Limit::parse(text).unwrap().unwrap().to_string(), shown);
        }
        assert_eq!(Limit::parse("off"), Ok(None));
        for bad in ["", "5", "0/1s", "5/0s", "5/x", "a/1s", "5/99999999999999d"] {
            assert!(Limit::parse(bad).is_err(), "{bad}");
        }
    }
}
