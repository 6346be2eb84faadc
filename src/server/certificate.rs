//! What the certificates of the authority and its leaves say, and how long.

use jiff::civil::Date;
use rcgen::{
    BasicConstraints, CertificateParams, DistinguishedName, DnType, ExtendedKeyUsagePurpose, IsCa,
    KeyUsagePurpose, date_time_ymd,
};
use yasna::{ASN1Error, ASN1ErrorKind, ASN1Result, BERReader, BERReaderSeq, Tag, tags};

/// Days that an authority is valid, and the most that Apple's systems take of any certificate of a server.
pub const CA_DAYS: i64 = 825;
/// Days that a leaf is valid; browsers take 398 of authorities that they know themselves.
const LEAF_DAYS: i64 = 397;

/// What is said about an authority.
pub fn of_authority(today: Date) -> CertificateParams {
    let mut params = CertificateParams::default();
    params.distinguished_name = DistinguishedName::new();
    params.distinguished_name.push(DnType::CommonName, "soda-mock local CA");
    params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
    params.key_usages = vec![KeyUsagePurpose::KeyCertSign, KeyUsagePurpose::CrlSign];
    valid(&mut params, today, CA_DAYS, Date::MAX);
    params
}

/// What is said about a server: the asked name, and with it everything that means this machine. Its
/// time ends with that of its authority.
pub fn of_server(
    name: &str,
    extra: &[String],
    today: Date,
    until: Date,
) -> Result<CertificateParams, rcgen::Error> {
    let mut names = vec![name.to_owned()];
    for local in
        ["localhost", "*.localhost", "127.0.0.1", "::1"].into_iter().map(str::to_owned).chain(extra.to_vec())
    {
        if !names.contains(&local) {
            names.push(local);
        }
    }
    let mut params = CertificateParams::new(names)?;
    params.distinguished_name = DistinguishedName::new();
    params.distinguished_name.push(DnType::CommonName, name.chars().take(64).collect::<String>());
    params.extended_key_usages = vec![ExtendedKeyUsagePurpose::ServerAuth];
    params.key_usages = vec![KeyUsagePurpose::DigitalSignature];
    params.use_authority_key_identifier_extension = true;
    valid(&mut params, today, LEAF_DAYS, until);
    Ok(params)
}

/// From yesterday, since clocks differ, for so many days.
fn valid(params: &mut CertificateParams, today: Date, days: i64, until: Date) {
    let day = |offset: i64| today.saturating_add(jiff::Span::new().days(offset)).min(until);
    let midnight = |date: Date| {
        date_time_ymd(date.year().into(), date.month().unsigned_abs(), date.day().unsigned_abs())
    };
    params.not_before = midnight(day(-1));
    params.not_after = midnight(day(days - 1));
}

/// What a certificate says of itself.
#[derive(Debug, PartialEq, Eq)]
pub struct Said {
    /// The first day of its time.
    pub from: Date,
    /// The last one.
    pub until: Date,
    /// Its public key, in DER (`SubjectPublicKeyInfo`).
    pub public_key: Vec<u8>,
}

impl Said {
    /// Reads a certificate in DER (RFC 5280, section 4.1).
    pub fn of(der: &[u8]) -> Option<Self> {
        yasna::parse_der(der, |reader| reader.read_sequence(certificate)).ok()
    }

    /// Days of its time.
    pub fn days(&self) -> i64 {
        i64::from((self.until - self.from).get_days())
    }
}

fn certificate(parts: &mut BERReaderSeq<'_, '_>) -> ASN1Result<Said> {
    let said = parts.next().read_sequence(|parts| {
        // The version, then serial number, algorithm and issuer.
        parts.read_optional(|version| version.read_tagged(Tag::context(0), |version| version.read_i64()))?;
        for _ in 0..3 {
            parts.next().read_der()?;
        }
        let (from, until) =
            parts.next().read_sequence(|times| Ok((date(times.next())?, date(times.next())?)))?;
        let _subject = parts.next().read_der()?;
        let public_key = parts.next().read_der()?;
        while parts.read_optional(|more| more.read_der())?.is_some() {}
        Ok(Said { from, until, public_key })
    })?;
    let _algorithm = parts.next().read_der()?;
    let _signature = parts.next().read_der()?;
    Ok(said)
}

fn date(time: BERReader<'_, '_>) -> ASN1Result<Date> {
    let seconds = if time.lookahead_tag()? == tags::TAG_UTCTIME {
        time.read_utctime()?.datetime().unix_timestamp()
    } else {
        time.read_generalized_time()?.datetime().unix_timestamp()
    };
    let moment = jiff::Timestamp::from_second(seconds);
    let moment = moment.map_err(|_| ASN1Error::new(ASN1ErrorKind::Invalid))?;
    Ok(jiff::tz::TimeZone::UTC.to_datetime(moment).date())
}
